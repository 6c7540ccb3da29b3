import type { Session } from '../kernel/database/database.js';
import { AUDIT_BODIES_READ_BYTES_MAX, AUDIT_BODIES_READ_MAX } from '../kernel/limits.js';
import type { StoredBody } from './stored.js';

/** In which batch a record lies, and how many bytes that has; none for records from before there were blocks. */
export interface Place {
  readonly record_no: bigint;
  readonly block: bigint | null;
  readonly bytes: number | null;
}

/** Bodies of records, as `bodiesAt` gives them, of which nobody knows yet where they lie. */
export async function* bodiesOf(
  session: Session,
  recordNos: readonly bigint[],
): AsyncGenerator<readonly StoredBody[], void, undefined> {
  for (let at = 0; at < recordNos.length; at += AUDIT_BODIES_READ_MAX)
    yield* bodiesAt(session, await placesOf(session, recordNos.slice(at, at + AUDIT_BODIES_READ_MAX)));
}

/**
 * Bodies of records, some at a time, until the caller has enough. A batch is taken apart once for all records of it
 * that are read together, and no statement takes apart more than AUDIT_BODIES_READ_BYTES_MAX, or one batch: a stolen
 * gateway fills batches with what is slow to read.
 * @param places in the order in which they are wanted; those of one part come in the order of the log
 * @param first how many are likely to be enough
 */
export async function* bodiesAt(
  session: Session,
  places: readonly Place[],
  first = AUDIT_BODIES_READ_MAX,
): AsyncGenerator<readonly StoredBody[], void, undefined> {
  let [at, count] = [0, first];
  while (at < places.length) {
    for (const part of partsOf(places.slice(at, at + count))) yield await bodiesTogether(session, part);
    [at, count] = [at + count, AUDIT_BODIES_READ_MAX];
  }
}

/** Cuts records into parts whose batches are not too large together. */
export function partsOf(places: readonly Place[]): readonly (readonly Place[])[] {
  const parts: Place[][] = [];
  let blocks = new Set<bigint | null>();
  let bytes = 0;
  for (const place of places) {
    const { block } = place;
    const added = blocks.has(block) ? 0 : (place.bytes ?? 0);
    if (parts.length === 0 || (added > 0 && bytes + added > AUDIT_BODIES_READ_BYTES_MAX)) {
      parts.push([]);
      blocks = new Set();
      bytes = 0;
    }
    blocks.add(block);
    bytes += added;
    parts.at(-1)?.push(place);
  }
  return parts;
}

/** The size of a text is known without reading it. */
async function placesOf(session: Session, recordNos: readonly bigint[]): Promise<readonly Place[]> {
  return session.run(
    'audit.search.places',
    ({ raw }) => raw<Place[]>`
    select r.record_no, b.first_record as block, octet_length(b.bodies) as bytes
    from unnest(${arrayText(recordNos)}::bigint[]) with ordinality as r (record_no, place)
    left join lateral (
      select first_record, bodies from audit.block where first_record <= r.record_no
      order by first_record desc limit 1) as b on true
    order by r.place`,
  );
}

/** In the order of the log. Records from before there were batches hold their bodies themselves. */
async function bodiesTogether(session: Session, places: readonly Place[]): Promise<readonly StoredBody[]> {
  const wanted = arrayText(places.map((place) => place.record_no));
  const blocks = arrayText(new Set(places.flatMap(({ block }) => (block === null ? [] : [block]))));
  return session.run(
    'audit.search.bodies',
    ({ raw }) => raw<StoredBody[]>`
    with lines as materialized (
      select b.first_record + l.place - 1 as record_no, l.line
      from audit.block b
      cross join lateral unnest(audit.lines_of(b.bodies, b.records)) with ordinality as l (line, place)
      where b.first_record = any(${blocks}::bigint[])
        and b.first_record + l.place - 1 = any(${wanted}::bigint[])
    )
    select r.record_no, r.first_sequence, coalesce(r.body, convert_to(l.line, 'UTF8')) as body
    from audit.record r left join lines l using (record_no)
    where r.record_no = any(${wanted}::bigint[]) order by r.record_no`,
  );
}

function arrayText(numbers: Iterable<bigint>): string {
  return `{${[...numbers].join(',')}}`;
}
