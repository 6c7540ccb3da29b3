import { randomUUID } from 'node:crypto';
import type { Database } from '../../kernel/database/database.js';
import { GATHERED_COST_MAX } from '../../kernel/limits.js';
import type { PreparedStatement } from '../plan/bind.js';

/**
 * The statement that reads for many requests: its one parameter holds a row of places for each, and each gives a row
 * of slots after the request's number, counted from 0. The places' types are those PostgreSQL finds in the statement
 * for one.
 * `json_to_recordset` is estimated alike whatever it holds, so that PostgreSQL settles on one plan for all batches.
 * @returns undefined when the statement has no places, or when one request takes so long that its start-up does not
 * count
 */
export async function gatheredText(
  database: Database,
  { text, gathered }: PreparedStatement,
): Promise<string | undefined> {
  const { types, cost } = await described(database, text);
  if (types.length === 0 || cost > GATHERED_COST_MAX) return undefined;
  const names = types.map((_, place) => `p${place + 1}`);
  const declared = types.map((type, place) => `${names[place]} ${type}`);
  return `select json_agg(r.v order by r.i) as v from (
    select g.i, json_build_array(g.i - 1, (${gathered})) as v
    from rows from (json_to_recordset($1::text::json) as (${declared.join(', ')})) with ordinality
    as g(${names.join(', ')}, i)) r`;
}

/** The parameter: `[{"p1":…,"p2":…},…]`. */
export function gatheredParameter(requests: readonly (readonly unknown[])[]): string {
  let text = '';
  for (const places of requests) {
    let row = '';
    for (let place = 0; place < places.length; place += 1) {
      const value = places[place];
      if (value === null || value === undefined) continue;
      row += `${row === '' ? '' : ','}"p${place + 1}":${written(value)}`;
    }
    text += `${text === '' ? '' : ','}{${row}}`;
  }
  return `[${text}]`;
}

function written(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  return JSON.stringify(value);
}

interface Described {
  /** Types of the places, as PostgreSQL names them. */
  readonly types: readonly string[];
  /** What PostgreSQL expects the statement to cost, in its planner's units. */
  readonly cost: number;
}

/**
 * What PostgreSQL makes of a statement. Its estimate, not a measured time: a plan that looked long under load would be
 * run alone from then on, and so keep up the load. Asked in SQL: the driver's own `describe` leaves a connection that
 * gives the next statement a row too many.
 */
function described(database: Database, text: string): Promise<Described> {
  const name = `kuramori_described_${randomUUID().replaceAll('-', '')}`;
  return database.transaction('operation.describe', async (tx) => {
    await tx.run('operation.describe', ({ raw }) => raw.unsafe(`prepare ${name} as ${text}`));
    const [statement] = await tx.run(
      'operation.types',
      ({ raw }) => raw<{ types: readonly string[] }[]>`
      select parameter_types::text[] as types from pg_prepared_statements where name = ${name}`,
    );
    const types = statement?.types ?? [];
    await tx.run('operation.generic', ({ raw }) => raw`set local plan_cache_mode = force_generic_plan`);
    const values = types.length === 0 ? '' : `(${types.map(() => 'null').join(', ')})`;
    const [plan] = await tx.run('operation.explain', ({ raw }) =>
      raw.unsafe<{ 'QUERY PLAN': readonly [{ Plan: { 'Total Cost': number } }] }[]>(
        `explain (format json) execute ${name}${values}`,
      ),
    );
    await tx.run('operation.described', ({ raw }) => raw.unsafe(`deallocate ${name}`));
    return { types, cost: plan?.['QUERY PLAN'][0].Plan['Total Cost'] ?? Number.POSITIVE_INFINITY };
  });
}
