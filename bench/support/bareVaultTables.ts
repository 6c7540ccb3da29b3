import type { Database } from '../../src/kernel/database/database.js';
import type { BareRecord } from './bareVault.js';

/** Databases that floors write to, each as the owner. */
export interface BareDatabases {
  readonly records: Database;
  readonly vault: Database;
  readonly shred: Database;
}

/** Settings that tell the floor's process where they are. */
export const FLOOR_URLS = {
  records: 'BENCH_FLOOR_RECORDS_URL',
  vault: 'BENCH_FLOOR_VAULT_URL',
  shred: 'BENCH_FLOOR_SHRED_URL',
} as const satisfies Record<keyof BareDatabases, string>;

const TABLES = {
  log: 'create table bare_log (body text not null)',
  number: `create table bare_number (ref text not null, wrap_nonce bytea not null, wrapped_dek bytea not null,
    nonce bytea not null, ciphertext bytea not null)`,
  index: 'create table bare_index (value bytea not null, ref text not null)',
  shred: 'create table bare_shred (ref text not null, value bytea not null)',
} as const;

/** Plain tables: no order, no constraint, no index. */
export async function makeBareTables({ records, vault, shred }: BareDatabases): Promise<void> {
  const make = (database: Database, table: keyof typeof TABLES) =>
    database.run('bench.bare', ({ raw }) => raw.unsafe(TABLES[table]));
  await make(records, 'log');
  for (const table of ['log', 'number', 'index'] as const) await make(vault, table);
  await make(shred, 'shred');
}

/** One statement. */
export function insertBodies(database: Database, bodies: readonly string[]): Promise<unknown> {
  return database.run(
    'bench.bodies',
    ({ raw }) => raw`insert into bare_log (body) select unnest(${quotedList(bodies)}::text::text[])`,
  );
}

/** One statement. */
export function insertShredKeys(database: Database, rows: readonly BareRecord[]): Promise<unknown> {
  return database.run(
    'bench.shredKeys',
    ({ raw }) => raw`
    insert into bare_shred (ref, value) select ref, decode(value, 'hex')
    from unnest(${list(rows.map(({ ref }) => ref))}::text::text[],
      ${list(rows.map(({ shredKey }) => hex(shredKey)))}::text::text[]) as given (ref, value)`,
  );
}

/** Records, index values and entries of the log in one statement. */
export function insertNumbers(
  database: Database,
  rows: readonly BareRecord[],
  bodies: readonly string[],
): Promise<unknown> {
  const column = (pick: (row: BareRecord) => Buffer) => list(rows.map((row) => hex(pick(row))));
  const refs = list(rows.map(({ ref }) => ref));
  return database.run(
    'bench.numbers',
    ({ raw }) => raw`
    with numbers as (
      insert into bare_number (ref, wrap_nonce, wrapped_dek, nonce, ciphertext)
      select ref, decode(wrap_nonce, 'hex'), decode(wrapped_dek, 'hex'), decode(nonce, 'hex'),
        decode(ciphertext, 'hex')
      from unnest(${refs}::text::text[], ${column(({ wrap: [nonce] }) => nonce)}::text::text[],
        ${column(({ wrap: [, dek, tag] }) => Buffer.concat([dek, tag]))}::text::text[],
        ${column(({ value: [nonce] }) => nonce)}::text::text[],
        ${column(({ value: [, number, tag] }) => Buffer.concat([number, tag]))}::text::text[])
        as given (ref, wrap_nonce, wrapped_dek, nonce, ciphertext)),
    log as (insert into bare_log (body) select unnest(${quotedList(bodies)}::text::text[]))
    insert into bare_index (value, ref) select decode(value, 'hex'), ref
    from unnest(${column(({ index }) => index)}::text::text[], ${refs}::text::text[]) as given (value, ref)`,
  );
}

/** Fills a table, new each time, of rows that are found by their reference. @returns the rows in its order */
export async function wrapRows(
  database: Database,
  rows: readonly BareRecord[],
): Promise<readonly BareRecord[]> {
  const sorted = rows.toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
  await database.run('bench.wraps', ({ raw }) => raw`drop table if exists bare_wrap`);
  await database.run('bench.wraps', ({ raw }) => raw`truncate bare_number`);
  await insertNumbers(database, sorted, []);
  await database.run('bench.wraps', ({ raw }) => raw`create table bare_wrap as select * from bare_number`);
  await database.run('bench.wraps', ({ raw }) => raw`alter table bare_wrap add primary key (ref)`);
  await database.run('bench.wraps', ({ raw }) => raw`vacuum (analyze) bare_wrap`);
  return sorted;
}

/** One statement. */
export function updateWraps(
  database: Database,
  rows: readonly Pick<BareRecord, 'ref' | 'wrap'>[],
): Promise<unknown> {
  return database.run(
    'bench.update',
    ({ raw }) => raw`
    update bare_wrap w set wrap_nonce = decode(given.nonce, 'hex'), wrapped_dek = decode(given.dek, 'hex')
    from unnest(${list(rows.map(({ ref }) => ref))}::text::text[],
      ${list(rows.map(({ wrap: [nonce] }) => hex(nonce)))}::text::text[],
      ${list(rows.map(({ wrap: [, dek, tag] }) => hex(Buffer.concat([dek, tag]))))}::text::text[])
      as given (ref, nonce, dek)
    where w.ref = given.ref`,
  );
}

/** An array's text. What is in it needs no quotes: references and hexadecimal bytes. */
function list(elements: readonly string[]): string {
  return `{${elements.join(',')}}`;
}

function quotedList(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}
