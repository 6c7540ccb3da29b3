import { getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, PgTable, type PgColumn } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import * as auditSchema from '../../schema/records/audit.js';
import * as schema from '../../schema/records/index.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();

/** Tables that are declared in TypeScript, wherever their SQL was written. */
const declared = [...new Set([...Object.values(schema), ...Object.values(auditSchema)])].filter((value) =>
  is(value, PgTable),
);

test.each(
  declared.map((table) => [`${getTableConfig(table).schema}.${getTableConfig(table).name}`, table] as const),
)('%s has the declared columns, types and nullability', async (name, table) => {
  const live = await db.owner.run(
    'test.columns',
    ({ raw }) => raw<{ column: string }[]>`
      select attname || ' ' || format_type(atttypid, null) || case when attnotnull then ' not null' else '' end
        || case when attgenerated = 's' then ' generated' when attidentity <> '' then ' identity' else '' end as column
      from pg_attribute where attrelid = ${name}::regclass and attnum > 0 and not attisdropped`,
  );
  const expected = Object.values<PgColumn>(getTableColumns(table)).map((column) =>
    [
      column.name,
      column.getSQLType(),
      column.notNull || column.primary ? 'not null' : '',
      column.generated !== undefined ? 'generated' : '',
      column.generatedIdentity !== undefined ? 'identity' : '',
    ]
      .filter(Boolean)
      .join(' '),
  );
  expect(live.map(({ column }) => column).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    expected.toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test('no statement of the product can meet a table that is not declared', async () => {
  const rows = await db.owner.run(
    'test.tables',
    ({ raw }) => raw<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname in ('records', 'access', 'audit') and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const known = declared.map((table) => `${getTableConfig(table).schema}.${getTableConfig(table).name}`);
  expect(rows.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([
    'records.commit_check',
  ]);
});
