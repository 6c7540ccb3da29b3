import type postgres from 'postgres';
import type { Session } from '../kernel/database/database.js';
import { AUDIT_SHAPES_PROBED_MAX } from '../kernel/limits.js';
import type { Place } from './bodies.sql.js';
import type { AuditFilter } from './search.filter.js';
import type { RecordRange } from './search.sql.js';

/** Records that may hold entries sought, newest first. */
export interface Candidates {
  readonly places: readonly Place[];
  /** The oldest record looked at; undefined when the range holds no older one to look at. */
  readonly floor: { readonly recordNo: bigint; readonly firstSequence: bigint } | undefined;
}

/** How many records a statement may give, and how many it may look at for them. */
export interface ScanSize {
  readonly wanted: number;
  readonly scanned: number;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

interface Line extends Place {
  readonly first_sequence: bigint;
  readonly matches: boolean;
}

/**
 * The newest records of a range that a filter lets through, from the narrow columns alone (lessons 3). One
 * condition leads, over its index; the others are tried on what it gives.
 */
export async function candidatesOf(
  session: Session,
  filter: AuditFilter,
  shapes: readonly number[] | undefined,
  range: RecordRange,
  size: ScanSize,
): Promise<Candidates> {
  const lines = await session.run('audit.search.candidates', ({ raw }) =>
    candidatesQuery(raw, filter, shapes, range, size),
  );
  const matches = lines.filter((line) => line.matches).toSorted((a, b) => Number(b.record_no - a.record_no));
  const oldest = matches.length === size.wanted ? matches.at(-1) : lines.find((line) => !line.matches);
  return {
    places: matches,
    floor:
      oldest === undefined ? undefined : { recordNo: oldest.record_no, firstSequence: oldest.first_sequence },
  };
}

/** The statement itself, so that a test can EXPLAIN it. Lines that do not match tell the floor of a full scan. */
export function candidatesQuery(
  raw: postgres.Sql,
  filter: AuditFilter,
  shapes: readonly number[] | undefined,
  range: RecordRange,
  size: ScanSize,
): postgres.PendingQuery<Line[]> {
  const conditions = conditionsOf(raw, filter, shapes);
  const lead = filter.subject === undefined ? conditions.shift() : undefined;
  const rest = [...conditions, ...periodOf(raw, filter)];
  const limit = rest.length === 0 ? size.wanted : size.scanned;
  const scan = scanOf(raw, filter, shapes, lead, range, limit);
  return raw<Line[]>`
    with scanned as materialized (${scan}),
    matching as (
      select record_no, first_sequence from scanned r
      where ${rest.reduce((all, condition) => raw`${all} and ${condition}`, raw`true`)}
      order by record_no desc limit ${size.wanted})
    select m.record_no, m.first_sequence, true as matches, b.first_record as block, octet_length(b.bodies) as bytes
    from matching m
    left join lateral (
      select first_record, bodies from audit.block where first_record <= m.record_no
      order by first_record desc limit 1) as b on true
    union all (
      select record_no, first_sequence, false, null, null from scanned where (select count(*) from scanned) >= ${limit}
      order by record_no limit 1)`;
}

/**
 * Conditions on the narrow columns, the one that leads first: the rarer its values usually are, the earlier it
 * stands. Bits are written out, because partial indexes are found by constants only.
 */
function conditionsOf(
  raw: postgres.Sql,
  filter: AuditFilter,
  shapes: readonly number[] | undefined,
): Fragment[] {
  const { caseRef, actorId, raised, decision, kind, purpose } = filter;
  const conditions: (Fragment | undefined)[] = [
    caseRef === undefined ? undefined : raw`r.case_ref = ${caseRef}`,
    actorId === undefined ? undefined : raw`r.actor_id = ${actorId}`,
    raised === true ? raw`r.decisions & 4 <> 0` : undefined,
    decision === 'refuse' ? raw`r.decisions & 2 <> 0` : undefined,
    shapes === undefined ? undefined : raw`r.shape_id = any(${arrayText(shapes)}::integer[])`,
    decision === 'mask' ? raw`r.decisions & 1 <> 0` : undefined,
    kind === undefined ? undefined : raw`r.kind = ${kind}`,
    purpose === undefined ? undefined : raw`r.purpose = ${purpose}`,
    decision === 'allow' ? raw`r.decisions & 8 <> 0` : undefined,
  ];
  return conditions.filter((condition) => condition !== undefined);
}

/** The range of record numbers already bounds a period; this makes it exact. */
function periodOf(raw: postgres.Sql, { from, to }: AuditFilter): Fragment[] {
  const conditions = [
    from === undefined ? undefined : raw`r.at >= ${from}::text::timestamptz`,
    to === undefined ? undefined : raw`r.at < ${to}::text::timestamptz`,
  ];
  return conditions.filter((condition) => condition !== undefined);
}

function scanOf(
  raw: postgres.Sql,
  filter: AuditFilter,
  shapes: readonly number[] | undefined,
  lead: Fragment | undefined,
  range: RecordRange,
  limit: number,
): Fragment {
  const columns = raw`
    r.record_no, r.first_sequence, r.at, r.shape_id, r.decisions, r.kind, r.actor_id, r.purpose, r.case_ref`;
  const [low, high] = [String(range.low), String(range.high)];
  const inRange = (column: Fragment) => raw`${column} >= ${low}::bigint and ${column} < ${high}::bigint`;
  if (filter.subject !== undefined) {
    return raw`
      select ${columns} from (
        select s.record_no from audit.subject s
        where s.addressee_no = ${filter.subject} and ${inRange(raw`s.record_no`)}
        order by s.record_no desc limit ${limit}) s
      join audit.record r on r.record_no = s.record_no and ${inRange(raw`r.record_no`)}`;
  }
  if (leadsByShape(filter, shapes)) {
    return raw`
      select r.* from unnest(${arrayText(shapes)}::integer[]) as shape (id) cross join lateral (
        select ${columns} from audit.record r where r.shape_id = shape.id and ${inRange(raw`r.record_no`)}
        order by r.record_no desc limit ${limit}) r
      order by r.record_no desc limit ${limit}`;
  }
  return raw`
    select ${columns} from audit.record r
    where ${inRange(raw`r.record_no`)} ${lead === undefined ? raw`` : raw`and ${lead}`}
    order by r.record_no desc limit ${limit}`;
}

/** Whether the coordinate leads and its shapes are few enough to be looked up one by one. */
function leadsByShape(
  filter: AuditFilter,
  shapes: readonly number[] | undefined,
): shapes is readonly number[] {
  const rarer = [filter.caseRef, filter.actorId, filter.raised === true ? true : undefined];
  return (
    shapes !== undefined &&
    shapes.length <= AUDIT_SHAPES_PROBED_MAX &&
    rarer.every((value) => value === undefined) &&
    filter.decision !== 'refuse'
  );
}

function arrayText(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}
