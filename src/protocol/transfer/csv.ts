import { KuramoriError } from '../../kernel/errors.js';
import { CSV_CHUNK_BYTES, CSV_LINE_BYTES_MAX, TRANSFER_ROWS_MAX } from '../../kernel/limits.js';
import { isCell, type Columns, type RowOf } from './column.js';

/**
 * CSV of packages (handbook 13 §2): RFC 4180 quoting, UTF-8 without a mark, LF, a heading with the columns' names.
 * Writer and reader judge every cell by its column, so that nothing is sent that the receiver must refuse.
 */

const NEEDS_QUOTES = /[",\n]/;
const LF = '\n';
const QUOTE = '"';

/** What is wrong with a row, by place: never what stands there. */
function rowFault(file: string, row: number, fault: string): KuramoriError {
  return new KuramoriError('FILE_REJECTED', `${file}, row ${row}: ${fault}.`, { file, row });
}

/** The heading of a file, with its LF. */
export function heading(columns: Columns): string {
  return `${Object.keys(columns).join(',')}${LF}`;
}

/**
 * Rows as CSV text without a heading.
 * @param file name for errors
 * @param firstRow number of the first of them, from 1
 * @throws KuramoriError FILE_REJECTED naming row and column of a value that is not of its column
 */
export function rowsText<C extends Columns>(
  file: string,
  columns: C,
  rows: readonly RowOf<C>[],
  firstRow: number,
): string {
  const entries = Object.entries(columns);
  let out = '';
  for (const [at, row] of rows.entries()) {
    let separator = '';
    for (const [name, column] of entries) {
      const cell = column.print(row[name]);
      if (typeof cell !== 'string' || !isCell(column, cell))
        throw rowFault(file, firstRow + at, `the value of ${name} is not of the column's form`);
      out += separator;
      out += NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll(QUOTE, '""')}"` : cell;
      separator = ',';
    }
    out += LF;
  }
  return out;
}

/** A file as a stream of bytes, heading first, handed on in pieces of about CSV_CHUNK_BYTES. */
export async function* writeCsv<C extends Columns>(
  file: string,
  columns: C,
  rows: Iterable<RowOf<C>> | AsyncIterable<RowOf<C>>,
): AsyncGenerator<Uint8Array> {
  let pending = heading(columns);
  let written = 0;
  for await (const row of rows) {
    pending += rowsText(file, columns, [row], written + 1);
    written += 1;
    if (pending.length < CSV_CHUNK_BYTES) continue;
    yield Buffer.from(pending, 'utf8');
    pending = '';
  }
  if (pending !== '') yield Buffer.from(pending, 'utf8');
}

/** Reads a file as its bytes come. One reader for one file. */
export class CsvReader<C extends Columns> {
  readonly #file: string;
  readonly #heading: string;
  readonly #entries: readonly (readonly [string, Columns[string]])[];
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #rest = '';
  #rows = -1;

  constructor(file: string, columns: C) {
    this.#file = file;
    this.#heading = heading(columns).slice(0, -1);
    this.#entries = Object.entries(columns);
  }

  /** Rows read so far, without the heading. */
  get rows(): number {
    return Math.max(this.#rows, 0);
  }

  /**
   * The rows that the bytes complete.
   * @throws KuramoriError FILE_REJECTED
   */
  push(bytes: Uint8Array): RowOf<C>[] {
    this.#rest += this.#decode(bytes);
    const rows: RowOf<C>[] = [];
    let from = 0;
    for (;;) {
      const record = nextRecord(this.#rest, from);
      if (record === undefined) break;
      if (record === 'malformed') throw this.#fault('the quotes are not those of RFC 4180');
      from = record.end;
      const row = this.#read(record);
      if (row !== undefined) rows.push(row);
    }
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length > CSV_LINE_BYTES_MAX) throw this.#fault('it is longer than a row may be');
    return rows;
  }

  /**
   * Says that no more bytes come.
   * @throws KuramoriError FILE_REJECTED when the last row has no end, or there was no heading
   */
  end(): void {
    this.#decode(new Uint8Array(), true);
    if (this.#rest !== '') throw this.#fault('its end is missing');
    if (this.#rows < 0) throw this.#fault('the heading is missing');
  }

  #decode(bytes: Uint8Array, last = false): string {
    try {
      return this.#utf8.decode(bytes, { stream: !last });
    } catch {
      throw this.#fault('it is not UTF-8');
    }
  }

  #read({ cells, text }: FramedRow): RowOf<C> | undefined {
    if (this.#rows < 0) {
      if (text !== this.#heading) throw this.#fault('the heading is not that of the layout');
      this.#rows = 0;
      return undefined;
    }
    this.#rows += 1;
    if (this.#rows > TRANSFER_ROWS_MAX) throw this.#fault('the file has more rows than one may have');
    if (cells.length !== this.#entries.length)
      throw this.#fault('it does not have the columns of the heading');
    const row: Record<string, unknown> = {};
    for (const [at, [name, column]] of this.#entries.entries()) {
      const cell = cells[at]!;
      if (!isCell(column, cell)) throw this.#fault(`the value of ${name} is not of the column's form`);
      row[name] = column.parse(cell);
    }
    return row as RowOf<C>;
  }

  #fault(fault: string): KuramoriError {
    return rowFault(this.#file, this.rows, fault);
  }
}

/** All rows of a file, one after the other. */
export async function* readCsv<C extends Columns>(
  file: string,
  columns: C,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<RowOf<C>> {
  const reader = new CsvReader(file, columns);
  for await (const chunk of bytes) yield* reader.push(chunk);
  reader.end();
}

interface FramedRow {
  readonly cells: readonly string[];
  /** As it stands, without its LF. */
  readonly text: string;
  /** Index after its LF. */
  readonly end: number;
}

/** The row that begins at `from`, `undefined` when its end has not come yet. */
function nextRecord(text: string, from: number): FramedRow | 'malformed' | undefined {
  const newline = text.indexOf(LF, from);
  if (newline < 0) return undefined;
  const line = text.slice(from, newline);
  if (!line.includes(QUOTE)) return { cells: line.split(','), text: line, end: newline + 1 };
  return quotedRecord(text, from);
}

function quotedRecord(text: string, from: number): FramedRow | 'malformed' | undefined {
  const cells: string[] = [];
  for (let at = from; ;) {
    const cell = text[at] === QUOTE ? quotedCell(text, at) : plainCell(text, at);
    if (cell === undefined || cell === 'malformed') return cell;
    cells.push(cell.value);
    if (text[cell.end] === LF) return { cells, text: text.slice(from, cell.end), end: cell.end + 1 };
    at = cell.end + 1;
  }
}

interface Cell {
  readonly value: string;
  /** Index of the comma or LF that ends it. */
  readonly end: number;
}

const CELL_END = /[,\n]/g;

function plainCell(text: string, from: number): Cell | 'malformed' | undefined {
  CELL_END.lastIndex = from;
  const end = CELL_END.exec(text)?.index;
  if (end === undefined) return undefined;
  const value = text.slice(from, end);
  return value.includes(QUOTE) ? 'malformed' : { value, end };
}

function quotedCell(text: string, from: number): Cell | 'malformed' | undefined {
  for (let at = from + 1; ;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0 || quote + 1 >= text.length) return undefined;
    const next = text[quote + 1];
    if (next === ',' || next === LF)
      return { value: text.slice(from + 1, quote).replaceAll('""', QUOTE), end: quote + 1 };
    if (next !== QUOTE) return 'malformed';
    at = quote + 2;
  }
}
