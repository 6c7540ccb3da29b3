import type { Session } from '../kernel/database/database.js';
import { AUDIT_BODIES_READ_BYTES_MAX, AUDIT_SCAN_RECORDS_MAX } from '../kernel/limits.js';
import { catchUp } from './catchUp.js';
import { decisionBitsOf, subjectsOf } from './columns.js';
import { isCanonical } from './body.js';
import type { AuditRecord } from './record.js';
import { readBody, type ReadBody } from './stored.js';
import { withMicroseconds } from './text.js';

/** What is wrong with one record, or with the head. */
export type AuditDefect =
  | 'missing'
  | 'sequence'
  | 'body'
  | 'entryCount'
  | 'context'
  | 'decisions'
  | 'coordinates'
  | 'subjects'
  | 'head';

/** A defect and where it was found. */
export interface AuditFault {
  readonly recordNo: bigint;
  readonly defect: AuditDefect;
}

/** What a check of the log saw. */
export interface AuditCheck {
  readonly records: bigint;
  readonly entries: bigint;
  /** The first AUDIT_FAULTS_MAX faults. */
  readonly faults: readonly AuditFault[];
}

export const AUDIT_FAULTS_MAX = 100;

interface StoredRecord {
  readonly record_no: bigint;
  readonly first_sequence: bigint;
  readonly entry_count: number;
  readonly at: string;
  readonly decisions: number;
  readonly kind: string;
  readonly actor_id: string;
  readonly purpose: string;
  readonly case_ref: string | null;
  readonly body: Uint8Array | null;
  readonly shape: string | null;
  readonly subjects: readonly string[];
}

interface Head {
  readonly first_record: bigint | null;
  /** The first record that searches do not see: appended while the check goes on. */
  readonly next_record: bigint;
  readonly next_sequence: bigint;
}

/**
 * Checks that the log is whole as far as it can be seen without the tree: numbers without a gap from the oldest
 * record kept to the head, bodies canonical, index columns and tables in agreement with the bodies. Reads page by
 * page; records appended meanwhile are left out.
 * @param session one that may read the schema `audit`
 * @param pageRecords records held in memory at a time
 */
export async function verifySequence(
  session: Session,
  pageRecords = AUDIT_SCAN_RECORDS_MAX,
): Promise<AuditCheck> {
  await catchUp(session);
  const head = await readHead(session);
  const faults: AuditFault[] = [];
  const first = head.first_record ?? head.next_record;
  let expected: Expected = { recordNo: first, sequence: undefined };
  for (let low = first, high = low; low < head.next_record; low = high) {
    high = await pageEnd(session, low, leastOf(low + BigInt(pageRecords), head.next_record));
    const page = await readPage(session, low, high);
    for (const stored of page) expected = verifyRecord(stored, expected, faults);
    if (expected.recordNo < high) faults.push({ recordNo: expected.recordNo, defect: 'missing' });
    expected = { ...expected, recordNo: high };
  }
  if (expected.sequence !== undefined && expected.sequence !== head.next_sequence) {
    faults.push({ recordNo: head.next_record, defect: 'head' });
  }
  return {
    records: head.next_record - first,
    entries: head.next_sequence - (expected.start ?? head.next_sequence),
    faults: faults.slice(0, AUDIT_FAULTS_MAX),
  };
}

interface Expected {
  readonly recordNo: bigint;
  /** Undefined before the first record. */
  readonly sequence: bigint | undefined;
  /** Number of the first entry seen. */
  readonly start?: bigint;
}

function verifyRecord(stored: StoredRecord, expected: Expected, faults: AuditFault[]): Expected {
  const recordNo = stored.record_no;
  const note = (defect: AuditDefect, sound: boolean) => {
    if (!sound && faults.length < AUDIT_FAULTS_MAX) faults.push({ recordNo, defect });
  };
  if (recordNo !== expected.recordNo) faults.push({ recordNo: expected.recordNo, defect: 'missing' });
  note('sequence', expected.sequence === undefined || stored.first_sequence === expected.sequence);
  const sound = soundBody(stored.body);
  note('body', sound !== undefined);
  if (sound !== undefined) {
    const { record, shape } = sound;
    note('entryCount', record.entries.length === stored.entry_count);
    note('context', hasContext(stored, record));
    note('decisions', decisionBitsOf(record.entries) === stored.decisions);
    note('coordinates', shape === stored.shape);
    note(
      'subjects',
      subjectsOf(record.entries).toSorted().join('\n') === stored.subjects.toSorted().join('\n'),
    );
  }
  return {
    recordNo: recordNo + 1n,
    sequence: stored.first_sequence + BigInt(stored.entry_count),
    start: expected.start ?? stored.first_sequence,
  };
}

/** What the bytes say, if they are exactly those that were written for it. */
function soundBody(body: Uint8Array | null): ReadBody | undefined {
  const read = readBody(body);
  return read && isCanonical(read.text, read.record) ? read : undefined;
}

function hasContext(stored: StoredRecord, record: AuditRecord): boolean {
  return (
    stored.kind === record.kind &&
    stored.actor_id === record.actorId &&
    stored.purpose === record.purpose &&
    stored.case_ref === (record.caseRef ?? null) &&
    stored.at === withMicroseconds(record.at)
  );
}

async function readHead(session: Session): Promise<Head> {
  const rows = await session.run(
    'audit.verify.head',
    ({ raw }) => raw<Head[]>`
    select i.next_record, (select min(record_no) from audit.record) as first_record,
      coalesce(
        (select b.first_sequence from audit.block b where b.first_record >= i.next_record
          order by b.first_record limit 1),
        case when h.next_record = i.next_record then h.next_sequence end, -1) as next_sequence
    from audit.head h cross join audit.indexed i`,
  );
  return rows[0] as Head;
}

function leastOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Where a page from `low` on ends whose batches are not too large together: at the latest at `high`. */
async function pageEnd(session: Session, low: bigint, high: bigint): Promise<bigint> {
  const rows = await session.run(
    'audit.verify.pageEnd',
    ({ raw }) => raw<{ end: bigint }[]>`
    select coalesce(
      min(first_record) filter (where bytes > ${AUDIT_BODIES_READ_BYTES_MAX}), ${String(high)}::bigint) as end
    from (
      select first_record, sum(octet_length(bodies)) over (order by first_record) as bytes from audit.block
      where first_record > ${String(low)}::bigint and first_record < ${String(high)}::bigint) as b`,
  );
  return (rows[0] as { end: bigint }).end;
}

async function readPage(session: Session, low: bigint, high: bigint): Promise<StoredRecord[]> {
  return session.run('audit.verify.page', async ({ raw }) => [
    ...(await raw<StoredRecord[]>`
    with lines as materialized (
      select b.first_record + l.place - 1 as record_no, l.line
      from audit.block b
      cross join lateral unnest(audit.lines_of(b.bodies, b.records)) with ordinality as l (line, place)
      where b.first_record < ${String(high)}::bigint and b.first_record >= coalesce((
        select max(first_record) from audit.block where first_record <= ${String(low)}::bigint), 0))
    select r.record_no, r.first_sequence, r.entry_count, r.decisions, r.kind, r.actor_id, r.purpose, r.case_ref,
      coalesce(r.body, convert_to(l.line, 'UTF8')) as body,
      to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      (select array_to_string(k.coordinates, E'\n') from audit.shape k where k.id = r.shape_id) as shape,
      coalesce(s.subjects, '{}') as subjects
    from audit.record r
    left join lines l using (record_no)
    left join (
      select record_no, array_agg(addressee_no) as subjects from audit.subject
      where record_no >= ${String(low)}::bigint and record_no < ${String(high)}::bigint
      group by record_no) s using (record_no)
    where r.record_no >= ${String(low)}::bigint and r.record_no < ${String(high)}::bigint
    order by r.record_no`),
  ]);
}
