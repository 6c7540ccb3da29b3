import type postgres from 'postgres';
import type { Session } from '../../kernel/database/database.js';
import { EVIDENCE_LINES_MAX, EVIDENCE_ROUNDS_MAX, EVIDENCE_SCAN_RECORDS_MAX } from '../../kernel/limits.js';
import { AUDIT_KINDS, type AuditKind } from '../record.js';
import { catchUp } from '../catchUp.js';
import type { FoundAuditEntry } from '../search.filter.js';
import { entriesInOrder, rangeOf, type RecordRange } from '../search.sql.js';
import type { EvidenceSlice } from './evidence.js';
import { instantsOf } from './period.js';

/** Which entries of a log belong to an evidence. */
export interface LogSelection {
  /** Kinds of records; every kind when it is not said. */
  readonly kinds?: readonly AuditKind[];
  /** Looked at for each entry of these kinds. */
  readonly lists?: (entry: FoundAuditEntry) => boolean;
}

/** Entries of a period, in the order of the log. */
export interface LogPage {
  readonly entries: readonly FoundAuditEntry[];
  /** Number (通番) after which the next page begins; undefined at the end. */
  readonly next: bigint | undefined;
}

type Instants = ReturnType<typeof instantsOf>;

interface Candidate {
  readonly record_no: bigint;
  /** Of the period, exactly. */
  readonly inside: boolean;
  readonly last_sequence: bigint;
}

/**
 * Reads a log forwards, a page at a time: narrow columns first, over the index of the kinds, bodies last (lessons 3,
 * 4). A page looks at a bounded number of records and then ends, full or not.
 * @param session one that may read the schema `audit`
 */
export async function readLog(
  session: Session,
  { kinds = AUDIT_KINDS, lists = () => true }: LogSelection,
  slice: EvidenceSlice,
  limit = EVIDENCE_LINES_MAX,
): Promise<LogPage> {
  const period = instantsOf(slice);
  await catchUp(session);
  const { low, high } = await rangeOf(session, period, undefined);
  let after = slice.after ?? 0n;
  const entries: FoundAuditEntry[] = [];
  for (let round = 0; round < EVIDENCE_ROUNDS_MAX; round++) {
    const start = after === 0n ? low : await recordAfter(session, after);
    const range = { low: start > low ? start : low, high };
    const candidates = await candidatesOf(session, kinds, period, range);
    const recordNos = candidates.flatMap((each) => (each.inside ? [each.record_no] : []));
    const read = await entriesInOrder(session, recordNos, after, limit + 1);
    for (const entry of read) {
      if (!lists(entry)) continue;
      if (entries.length === limit) return { entries, next: entries.at(-1)?.sequence };
      entries.push(entry);
    }
    if (read.length > limit) after = read.at(-1)?.sequence as bigint;
    else if (candidates.length < EVIDENCE_SCAN_RECORDS_MAX) return { entries, next: undefined };
    else after = candidates.at(-1)?.last_sequence as bigint;
  }
  return { entries, next: after };
}

/** Number of the newest entry of the log. */
export async function lastSequence(session: Session): Promise<bigint> {
  const [head] = await session.run(
    'audit.evidence.head',
    ({ raw }) => raw<[{ last: bigint }]>`select next_sequence - 1 as last from audit.head`,
  );
  return head.last;
}

async function candidatesOf(
  session: Session,
  kinds: readonly AuditKind[],
  period: Instants,
  range: RecordRange,
): Promise<readonly Candidate[]> {
  return session.run('audit.evidence.candidates', ({ raw }) => logCandidatesQuery(raw, kinds, period, range));
}

/** The record that holds the entry after a number, or would hold it. */
async function recordAfter(session: Session, sequence: bigint): Promise<bigint> {
  const [row] = await session.run(
    'audit.evidence.start',
    ({ raw }) => raw<{ start: bigint }[]>`
    select r.record_no + (r.first_sequence + r.entry_count - 1 <= ${String(sequence)}::bigint)::integer as start
    from audit.record r where r.first_sequence <= ${String(sequence)}::bigint
    order by r.first_sequence desc limit 1`,
  );
  return row?.start ?? 1n;
}

/**
 * The statement itself, so that a test can EXPLAIN it. Of each kind the next records, compared by kind and number as
 * the index of the kinds has them: a kind may be rare in a month of millions, and any other index would be read in
 * vain.
 */
export function logCandidatesQuery(
  raw: postgres.Sql,
  kinds: readonly AuditKind[],
  { from, to }: Instants,
  { low, high }: RecordRange,
): postgres.PendingQuery<Candidate[]> {
  return raw<Candidate[]>`
    select r.record_no, r.inside, r.last_sequence
    from unnest(${[...kinds]}::text[]) as k (kind) cross join lateral (
      select r.record_no, r.at >= ${from}::text::timestamptz and r.at < ${to}::text::timestamptz as inside,
        r.first_sequence + r.entry_count - 1 as last_sequence
      from audit.record r
      where (r.kind, r.record_no) >= (k.kind, ${String(low)}::bigint)
        and (r.kind, r.record_no) < (k.kind, ${String(high)}::bigint)
        and r.record_no >= ${String(low)}::bigint and r.record_no < ${String(high)}::bigint
      order by r.kind, r.record_no limit ${EVIDENCE_SCAN_RECORDS_MAX}) r
    order by r.record_no limit ${EVIDENCE_SCAN_RECORDS_MAX}`;
}
