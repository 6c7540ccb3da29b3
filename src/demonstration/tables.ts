import type { Cells, Column, Kind } from './cells.js';
import { TABLES } from './tableColumns.js';

/** What TypeScript holds for a cell. */
type Cell<C extends Column> = C extends `${infer K extends Kind}?`
  ? Cells[K] | null
  : C extends Kind
    ? Cells[C]
    : never;

/** A table that the demonstration fills. */
export type TableName = keyof typeof TABLES;
/** A row of a table, with the cells the demonstration gives. */
export type Row<T extends TableName> = {
  readonly [C in keyof (typeof TABLES)[T]]: Cell<(typeof TABLES)[T][C] & Column>;
};
/** Rows of all tables, in the order in which they were made. */
export type Rows = { readonly [T in TableName]: Row<T>[] };

export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

/** No rows yet. */
export function noRows(): Rows {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, []])) as unknown as Rows;
}

/** Whether the rows of a table are numbered by a sequence. */
export function isNumbered(table: TableName): boolean {
  return 'id' in TABLES[table];
}
