import { sql } from 'drizzle-orm';
import { bigint, check, pgSchema, type PgColumn } from 'drizzle-orm/pg-core';

export { bytes, day, instant } from '../columns.js';

/** Everything the municipality's ledger holds. */
export const records = pgSchema('records');

/** Whole yen (収納金額). Give the table `yenBounds` for each such column. */
export const yenColumn = (name: string) => bigint(name, { mode: 'bigint' });

/** A surrogate key, numbered by PostgreSQL. */
export const rowId = (name = 'id') =>
  bigint(name, { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity({ cache: 50 });

/** A reference to a surrogate key. */
export const rowRef = (name: string) => bigint(name, { mode: 'bigint' });

/** Keeps an amount within ±(2^53 − 1), so that JSON built by PostgreSQL stays exact (design §8). */
export const yenBounds = (table: string, column: PgColumn) =>
  check(
    `${table}_${column.name}_exact`,
    sql`${column} between ${sql.raw('-9007199254740991')} and ${sql.raw('9007199254740991')}`,
  );
