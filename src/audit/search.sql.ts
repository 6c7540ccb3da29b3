import type { Session } from '../kernel/database/database.js';
import { Temporal } from '../kernel/dates.js';
import { KuramoriError } from '../kernel/errors.js';
import { AUDIT_BODIES_READ_FIRST, AUDIT_BODIES_READ_MAX } from '../kernel/limits.js';
import type { AuditFilter, FoundAuditEntry } from './search.filter.js';
import { bodiesAt, bodiesOf, type Place } from './bodies.sql.js';
import { DEFECTIVE_COORDINATE, entriesOfBody } from './stored.js';

/** Record numbers from `low` on, below `high`. */
export interface RecordRange {
  readonly low: bigint;
  readonly high: bigint;
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

/** The entries sought, of the records given, newest first as these are. A defective one always shows. */
export async function entriesOf(
  session: Session,
  filter: AuditFilter,
  places: readonly Place[],
  before: bigint | undefined,
  limit: number,
): Promise<FoundAuditEntry[]> {
  const found: FoundAuditEntry[] = [];
  // Where no field is named, most entries of a record are sought, and a few records fill a page.
  const first = filter.coordinate === undefined ? AUDIT_BODIES_READ_FIRST : AUDIT_BODIES_READ_MAX;
  for await (const stored of bodiesAt(session, places, first)) {
    const entries = stored.flatMap(entriesOfBody).toReversed();
    found.push(
      ...entries.filter(
        (entry) => (before === undefined || entry.sequence < before) && isSought(entry, filter),
      ),
    );
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

/** Entries of the records given whose number is higher than `after`, oldest first. */
export async function entriesInOrder(
  session: Session,
  recordNos: readonly bigint[],
  after: bigint,
  limit: number,
): Promise<FoundAuditEntry[]> {
  const found: FoundAuditEntry[] = [];
  const oldestFirst = recordNos.toSorted((a, b) => Number(a - b));
  for await (const stored of bodiesOf(session, oldestFirst)) {
    found.push(...stored.flatMap(entriesOfBody).filter(({ sequence }) => sequence > after));
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

function isSought(entry: FoundAuditEntry, { coordinate, decision, raised, subject }: AuditFilter): boolean {
  if (entry.coordinate === DEFECTIVE_COORDINATE) return true;
  return (
    (coordinate === undefined ||
      (coordinate.endsWith('.*')
        ? entry.coordinate.startsWith(coordinate.slice(0, -1))
        : entry.coordinate === coordinate)) &&
    (decision === undefined || entry.decision === decision) &&
    (raised === undefined || entry.raised === raised) &&
    (subject === undefined || entry.subjects.includes(subject))
  );
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
