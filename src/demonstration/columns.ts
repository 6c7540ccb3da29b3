import { isoDay } from './days.js';
import type { Cells, Column, Kind } from './cells.js';
import { TABLES } from './tableColumns.js';
import type { Row, TableName } from './tables.js';

const POSTGRES_TYPES: Readonly<Record<Kind, string>> = {
  id: 'int8',
  yen: 'int8',
  int: 'int4',
  text: 'text',
  day: 'date',
  bool: 'bool',
  instant: 'timestamptz',
  uuid: 'uuid',
  json: 'jsonb',
};

/** A column of rows as PostgreSQL reads an array: its name, its type, and `{…}`. */
export interface ColumnText {
  readonly column: string;
  readonly type: string;
  readonly literal: string;
}

/** The rows of one table, turned to columns. */
export function columnTexts<T extends TableName>(table: T, rows: readonly Row<T>[]): ColumnText[] {
  return Object.entries(TABLES[table] as Readonly<Record<string, Column>>).map(([column, declared]) => {
    const kind = declared.replace('?', '') as Kind;
    const encode = ENCODERS[kind] as (cell: unknown) => string;
    const cells: string[] = [];
    for (const row of rows as readonly Readonly<Record<string, unknown>>[]) {
      const cell = row[column];
      cells.push(cell === null ? 'NULL' : encode(cell));
    }
    return { column, type: POSTGRES_TYPES[kind], literal: `{${cells.join(',')}}` };
  });
}

const NEEDS_ESCAPE = /["\\]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

const ENCODERS: { readonly [K in Kind]: (cell: Cells[K]) => string } = {
  id: String,
  yen: String,
  int: String,
  text: quoted,
  day: isoDay,
  bool: String,
  instant: quoted,
  uuid: quoted,
  json: quoted,
};
