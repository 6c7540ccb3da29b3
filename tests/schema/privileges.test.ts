import { readFileSync } from 'node:fs';
import { getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, PgTable, type PgColumn } from 'drizzle-orm/pg-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Database, Session } from '../../src/kernel/database/database.js';
import * as schema from '../../schema/records/index.js';
import { testDatabase } from '../support/database.js';
import { levyLines, prepareLedger } from './entries.js';

const db = await testDatabase();

/** A new table belongs into one of these or is a journal; the tests below say which was forgotten. */
const MUTABLE = ['addressee', 'household'];
const REFERENCE = ['holiday', 'municipality', 'promise_rule', 'tax_item', 'yearly_rate'];
const DERIVED = ['levy_balance', 'overpayment_balance', 'push_standing', 'refund_standing'];
/** What waits for the worker, and how far it has read: the worker alone changes these. */
const OF_THE_WORKER = ['push_cursor', 'push_outbox'];
const TRANSIENT = ['commit_check'];
/** Made ready to be handed over, erased when the round has ended. */
const ERASABLE = ['transfer_snapshot_row'];

const PERMISSION_DENIED = '42501';

interface TableRow {
  readonly name: string;
  readonly column: string;
}

const DECLARED = Object.values(schema)
  .filter((value) => is(value, PgTable))
  .filter((table) => getTableConfig(table).schema === 'records');

const TABLES = await db.owner.run(
  'test.tables',
  ({ raw }) => raw<TableRow[]>`
  select c.relname as name, (
    select a.attname from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = '' and a.attidentity = '' order by a.attnum limit 1
  ) as column
  from pg_class c where c.relnamespace = 'records'::regnamespace and c.relkind in ('r', 'p') order by 1`,
);
const others = new Set([...MUTABLE, ...REFERENCE, ...DERIVED, ...OF_THE_WORKER, ...TRANSIENT, ...ERASABLE]);
const JOURNALS = TABLES.filter(({ name }) => !others.has(name));

const CHANGES = [
  ['UPDATE', (t: TableRow) => `update records.${t.name} set ${t.column} = ${t.column}`],
  ['UPDATE of no row', (t: TableRow) => `update records.${t.name} set ${t.column} = ${t.column} where false`],
  ['DELETE', (t: TableRow) => `delete from records.${t.name}`],
  ['TRUNCATE', (t: TableRow) => `truncate records.${t.name} cascade`],
] as const;

/** SQLSTATE and constraint with which a statement is refused, or `done`; nothing of it stays. */
async function attempt(
  database: Database,
  statement: string,
  before?: (tx: Session) => Promise<unknown>,
): Promise<string> {
  const undone = new Error('undone');
  return database
    .transaction('test.attempt', async (tx) => {
      await before?.(tx);
      await tx.run('test.attempt', ({ raw }) => raw.unsafe(statement));
      throw undone;
    })
    .catch((error: unknown) => {
      if (error === undone) return 'done';
      const { facts } = error as { facts: { sqlstate?: string; constraint?: string } };
      return [facts.sqlstate, facts.constraint].filter(Boolean).join(' ');
    });
}

beforeAll(async () => {
  await levyLines(db.owner, await prepareLedger(db.owner), [1_000n]);
});

describe('journals are insert-only', () => {
  test('every declared table exists in the database, and nothing else does', () => {
    const declared = DECLARED.map((table) => getTableConfig(table).name);
    expect(TABLES.map(({ name }) => name)).toEqual([...declared, ...TRANSIENT].toSorted());
    expect(JOURNALS).toHaveLength(78);
  });

  describe.each(CHANGES)('%s', (_, statement) => {
    test.each(JOURNALS)(
      'of $name is refused to the gateway, the loads, the worker and the owner',
      async (table) => {
        expect(await attempt(db.gateway, statement(table))).toBe(PERMISSION_DENIED);
        expect(await attempt(db.loader, statement(table))).toBe(PERMISSION_DENIED);
        expect(await attempt(db.worker, statement(table))).toBe(PERMISSION_DENIED);
        expect(await attempt(db.owner, statement(table))).toBe('23001 insert_only');
      },
    );
  });

  test('switching triggers off for the session does not open a journal', async () => {
    const replica = (tx: Session) =>
      tx.run('test.replica', ({ raw }) => raw`set local session_replication_role = replica`);
    for (const table of JOURNALS) {
      expect(await attempt(db.owner, `delete from records.${table.name}`, replica)).toBe('23001 insert_only');
    }
  });

  test('neither does an insert that turns into an update', async () => {
    const upsert = `insert into records.idempotency_key (actor_id, key, action, input_digest, outcome)
      values ('S', 'k', 'a', 'd', '{}') on conflict (actor_id, key) do update set outcome = 'other'`;
    expect(await attempt(db.gateway, upsert)).toBe(PERMISSION_DENIED);
    expect(await attempt(db.owner, upsert)).toBe('23001 insert_only');
  });
});

describe('what is not a journal', () => {
  test.each(TABLES.filter(({ name }) => others.has(name)))(
    '$name is written by nobody without a grant',
    async (table) => {
      for (const [kind, statement] of CHANGES) {
        const loaderMay = MUTABLE.includes(table.name) && kind.startsWith('UPDATE');
        expect(await attempt(db.gateway, statement(table))).toBe(PERMISSION_DENIED);
        expect(await attempt(db.loader, statement(table))).toBe(loaderMay ? 'done' : PERMISSION_DENIED);
        if (!OF_THE_WORKER.includes(table.name))
          expect(await attempt(db.worker, statement(table))).toBe(PERMISSION_DENIED);
      }
    },
  );

  test('balances are derived: nobody writes them by hand, the owner included', async () => {
    const insert = `insert into records.levy_balance (levy_id, addressee_no, levied, tax_outstanding)
      values (0, 'A1', 0, 0)`;
    expect(await attempt(db.gateway, insert)).toBe(PERMISSION_DENIED);
    for (const statement of [
      insert,
      ...CHANGES.map(([, write]) => write({ name: 'levy_balance', column: 'levied' })),
    ]) {
      expect(await attempt(db.owner, statement)).toBe('23001 derived');
    }
  });

  test('keys to check at commit are neither read nor written by the roles', async () => {
    for (const database of [db.gateway, db.loader]) {
      expect(await attempt(database, 'select from records.commit_check')).toBe(PERMISSION_DENIED);
      expect(await attempt(database, 'insert into records.commit_check default values')).toBe(
        PERMISSION_DENIED,
      );
    }
  });
});

describe('the live catalog is the expected one', () => {
  test('grants', async () => {
    const rows = await db.owner.run(
      'test.grants',
      ({ raw }) => raw<{ line: string }[]>`
      select concat_ws(',', object, r.who, string_agg(privilege_type, ' ' order by privilege_type)) as line
      from (
        select n.nspname || '.' || c.relname as object, relacl as acl, relowner as owner
        from pg_class c join pg_namespace n on n.oid = relnamespace
          where nspname = 'records' and relkind in ('r', 'p', 'v', 'm', 'S')
        union all select n.nspname || '.' || c.relname || '.' || a.attname, a.attacl, c.relowner
        from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
        where nspname = 'records'
        union all select p.oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), proowner
        from pg_proc p where pronamespace = 'records'::regnamespace
        union all select 'schema ' || nspname, nspacl, nspowner from pg_namespace where nspname = 'records'
      ) as o, aclexplode(acl) as g, lateral (select coalesce(nullif(g.grantee, 0)::regrole::text, 'PUBLIC') as who) as r
      where g.grantee <> owner group by object, r.who order by object collate "C", r.who collate "C"`,
    );
    const live = rows.map(({ line }) => line);
    const expected = readFileSync(new URL('./grants.expected.csv', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');
    expect(live).toEqual(expected);
  });

  test('group roles cannot log in and have no power of their own', async () => {
    const rows = await db.owner.run(
      'test.roles',
      ({ raw }) => raw`
      select rolname from pg_roles where rolname in ('kuramori_gateway', 'kuramori_loader', 'kuramori_worker')
        and not (rolcanlogin or rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)`,
    );
    expect(rows).toHaveLength(3);
  });

  test('functions that run with the rights of the owner look names up in a fixed path', async () => {
    const rows = await db.owner.run(
      'test.definer',
      ({ raw }) => raw<{ name: string; path: string }[]>`
      select proname as name, array_to_string(proconfig, ';') as path from pg_proc
      where pronamespace = 'records'::regnamespace and prosecdef`,
    );
    expect(rows).toHaveLength(35);
    expect(new Set(rows.map(({ path }) => path))).toEqual(new Set(['search_path=pg_catalog, pg_temp']));
  });

  test('every closed set of words is closed in the database too', async () => {
    const columns = DECLARED.flatMap((table) =>
      Object.values<PgColumn>(getTableColumns(table))
        .filter(({ enumValues }) => enumValues !== undefined)
        .map((column) => ({
          table: getTableConfig(table).name,
          column: column.name,
          words: column.enumValues,
        })),
    );
    const rows = await db.owner.run(
      'test.checks',
      ({ raw }) => raw<{ name: string; definition: string }[]>`
      select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
      where connamespace = 'records'::regnamespace and contype = 'c' and conname like '%\\_known'`,
    );
    const live = new Map(
      rows.map(({ name, definition }) => [
        name,
        [...definition.matchAll(/'([^']+)'::text/g)].map(([, word]) => word),
      ]),
    );
    expect(live).toEqual(
      new Map(columns.map(({ table, column, words }) => [`${table}_${column}_known`, words])),
    );
  });
});
