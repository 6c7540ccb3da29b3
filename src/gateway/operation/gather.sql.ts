import { randomUUID } from 'node:crypto';
import type { Database } from '../../kernel/database/database.js';
import type { PreparedStatement } from '../plan/bind.js';

/**
 * The statement that reads for many requests: its one parameter holds a row of places for each, and each gives a row
 * of slots after the request's number, counted from 0. The places' types are those PostgreSQL finds in the statement
 * for one.
 * `json_to_recordset` is estimated alike whatever it holds, so that PostgreSQL settles on one plan for all batches.
 * @returns undefined when the statement has no places
 */
export async function gatheredText(
  database: Database,
  { text, gathered }: PreparedStatement,
): Promise<string | undefined> {
  const types = await placeTypes(database, text);
  if (types.length === 0) return undefined;
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

/**
 * The types PostgreSQL gives to a statement's places. Asked in SQL: the driver's own `describe` leaves a connection
 * that gives the next statement a row too many.
 */
function placeTypes(database: Database, text: string): Promise<readonly string[]> {
  const name = `kuramori_described_${randomUUID().replaceAll('-', '')}`;
  return database.transaction('operation.describe', async (tx) => {
    await tx.run('operation.describe', ({ raw }) => raw.unsafe(`prepare ${name} as ${text}`));
    const rows = await tx.run(
      'operation.types',
      ({ raw }) => raw<{ types: readonly string[] }[]>`
      select parameter_types::text[] as types from pg_prepared_statements where name = ${name}`,
    );
    await tx.run('operation.described', ({ raw }) => raw.unsafe(`deallocate ${name}`));
    return rows[0]?.types ?? [];
  });
}
