import type { Session } from '../kernel/database/database.js';
import { Temporal } from '../kernel/dates.js';
import { KuramoriError } from '../kernel/errors.js';
import type { AuditDecision, AuditRecord } from './record.js';
import type { AuditFilter, FoundAuditEntry } from './search.filter.js';

/** Record numbers from `low` on, below `high`. */
export interface RecordRange {
  readonly low: bigint;
  readonly high: bigint;
}

interface EntryLine {
  readonly sequence: bigint;
  readonly record_no: bigint;
  readonly coordinate: string;
  readonly decision: AuditDecision;
  readonly reason: string | null;
  readonly rows: bigint;
  readonly raised: boolean;
  readonly subjects: readonly string[];
  readonly context: Omit<AuditRecord, 'entries'> & { readonly v: number };
}

/**
 * Shapes that hold a coordinate, or any field of a type for `Type.*`.
 * @returns their ids; empty when nothing with that coordinate was ever logged
 */
export async function shapesOf(session: Session, coordinate: string): Promise<number[]> {
  const rows = await session.run('audit.search.shapes', ({ raw }) =>
    coordinate.endsWith('.*')
      ? raw<{ shape_id: number }[]>`
          select distinct shape_id from audit.shape_coordinate
          where coordinate >= ${coordinate.slice(0, -1)} and coordinate < ${`${coordinate.slice(0, -2)}/`} order by 1`
      : raw<{ shape_id: number }[]>`
          select shape_id from audit.shape_coordinate where coordinate = ${coordinate} order by 1`,
  );
  return rows.map((row) => row.shape_id);
}

/**
 * The record numbers that a period and a cursor leave. A period becomes a range by the time marks: before a mark no
 * record is later than the mark's time, after it none is earlier than that less the greatest lateness ever seen.
 * @throws KuramoriError BAD_INPUT when an instant is malformed
 */
export async function rangeOf(
  session: Session,
  filter: AuditFilter,
  before: bigint | undefined,
): Promise<RecordRange> {
  const from = instantText(filter.from);
  const to = instantText(filter.to);
  const cursor = before === undefined ? null : String(before);
  const rows = await session.run(
    'audit.search.range',
    ({ raw }) => raw<RecordRange[]>`
    select
      coalesce((select m.record_no from audit.time_mark m where m.at < ${from}::text::timestamptz
        order by m.at desc, m.record_no desc limit 1), 1) as low,
      least(h.next_record,
        (select m.record_no from audit.time_mark m where m.at >= ${to}::text::timestamptz + h.lateness_max
          order by m.at, m.record_no limit 1),
        case when ${cursor}::bigint is not null then coalesce(
          (select r.record_no + 1 from audit.record r where r.first_sequence < ${cursor}::bigint
            order by r.first_sequence desc limit 1), 1) end) as high
    from audit.head h`,
  );
  return rows[0] as RecordRange;
}

/** The entries sought, of the records given, newest first. Only here are bodies read. */
export async function entriesOf(
  session: Session,
  filter: AuditFilter,
  recordNos: readonly bigint[],
  before: bigint | undefined,
  limit: number,
): Promise<FoundAuditEntry[]> {
  if (recordNos.length === 0) return [];
  const { coordinate, decision, raised, subject } = filter;
  const rows = await session.run(
    'audit.search.entries',
    ({ raw }) => raw<EntryLine[]>`
    select sequence, record_no, coordinate, decision, reason, rows, raised, subjects, context from audit.entry
    where record_no = any(${`{${recordNos.join(',')}}`}::bigint[])
      ${before === undefined ? raw`` : raw`and sequence < ${String(before)}::bigint`}
      ${
        coordinate === undefined
          ? raw``
          : coordinate.endsWith('.*')
            ? raw`and starts_with(coordinate, ${coordinate.slice(0, -1)})`
            : raw`and coordinate = ${coordinate}`
      }
      ${decision === undefined ? raw`` : raw`and decision = ${decision}`}
      ${raised === undefined ? raw`` : raw`and raised = ${raised}::boolean`}
      ${subject === undefined ? raw`` : raw`and subjects ? ${subject}`}
    order by sequence desc limit ${limit}`,
  );
  return rows.map(foundEntry);
}

/** Entries of the records given whose number is higher than `after`, oldest first. */
export async function entriesInOrder(
  session: Session,
  recordNos: readonly bigint[],
  after: bigint,
  limit: number,
): Promise<FoundAuditEntry[]> {
  if (recordNos.length === 0) return [];
  const rows = await session.run(
    'audit.search.entriesInOrder',
    ({ raw }) => raw<EntryLine[]>`
    select sequence, record_no, coordinate, decision, reason, rows, raised, subjects, context from audit.entry
    where record_no = any(${`{${recordNos.join(',')}}`}::bigint[]) and sequence > ${String(after)}::bigint
    order by sequence limit ${limit}`,
  );
  return rows.map(foundEntry);
}

function foundEntry(line: EntryLine): FoundAuditEntry {
  const { v: _, ...context } = line.context;
  const { sequence, coordinate, decision, raised, subjects } = line;
  const reason = line.reason === null ? {} : { reason: line.reason };
  const rows = Number(line.rows);
  return {
    ...context,
    ...reason,
    sequence,
    recordNo: line.record_no,
    coordinate,
    decision,
    raised,
    subjects,
    rows,
  };
}

function instantText(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    return Temporal.Instant.from(text).toString();
  } catch (cause) {
    throw new KuramoriError(
      'BAD_INPUT',
      'A period of the audit search begins and ends with an ISO instant.',
      {},
      {
        cause,
      },
    );
  }
}
