import type postgres from 'postgres';
import type { Session } from '../kernel/database/database.js';
import type { Book } from './book.js';
import { columnTexts } from './columns.js';
import { isNumbered, TABLE_NAMES, type Row, type Rows, type TableName } from './tables.js';

/** Stores rows, parents first, each table in one statement. Their numbers come with them. */
export async function storeRows(tx: Session, rows: Rows): Promise<void> {
  for (const table of TABLE_NAMES) {
    if (rows[table].length > 0) await storeTable(tx, table, rows[table]);
  }
}

async function storeTable<T extends TableName>(
  tx: Session,
  table: T,
  rows: readonly Row<T>[],
): Promise<void> {
  const columns = columnTexts(table, rows);
  await tx.run(`demonstration.${table}`, ({ raw }) => {
    // The arrays go as text: the driver's own array encoder would look at each cell again.
    const arrays = columns
      .map(({ literal, type }): postgres.Fragment => raw`cast(${literal}::text as ${raw(type)}[])`)
      .reduce((all, array) => raw`${all}, ${array}`);
    const names = raw(columns.map(({ column }) => column));
    return raw`
      insert into ${raw(`records.${table}`)} (${names}) overriding system value
      select * from unnest(${arrays})`;
  });
}

/** Sets every sequence past the numbers that were given. */
export async function moveSequences(tx: Session, book: Book): Promise<void> {
  for (const table of TABLE_NAMES) {
    const last = book.last(table);
    if (!isNumbered(table) || last === 0) continue;
    await tx.run(
      'demonstration.sequence',
      ({ raw }) => raw`select setval(pg_get_serial_sequence(${`records.${table}`}, 'id'), ${last})`,
    );
  }
}
