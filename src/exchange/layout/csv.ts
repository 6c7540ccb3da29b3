import { isUtf8 } from 'node:buffer';
import { CSV_LINE_BYTES_MAX } from '../../kernel/limits.js';
import { fileRejected, type Fault } from './faults.js';
import type { FramedRecord, Framing } from './framing.js';

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Level 1 for CSV (RFC 4180): lines by CRLF or LF, the same throughout; quoted line ends belong to the line; valid
 * UTF-8 without control characters; a byte order mark at the start is dropped.
 */
export function csvFraming(onRecord: (record: FramedRecord) => boolean): Framing {
  return new CsvFraming(onRecord);
}

class CsvFraming implements Framing {
  readonly #onRecord: (record: FramedRecord) => boolean;
  #rest: Buffer = Buffer.alloc(0);
  #offset = 0;
  #recordNo = 0;
  #crlf: boolean | undefined;
  #ended = false;

  constructor(onRecord: (record: FramedRecord) => boolean) {
    this.#onRecord = onRecord;
  }

  push(chunk: Buffer): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let position = 0;
    for (;;) {
      const end = lineEnd(buffer, position);
      if (end === -1) break;
      this.#line(buffer, position, end);
      position = end + 1;
    }
    this.#offset += position;
    this.#rest = Buffer.from(buffer.subarray(position));
    if (this.#rest.length > CSV_LINE_BYTES_MAX) this.#refuse('E_RECORD_LENGTH');
  }

  finish(): void {
    if (this.#recordNo === 0 && this.#rest.length === 0) throw fileRejected([{ code: 'E_EMPTY_FILE' }]);
    if (this.#rest.length > 0) this.#emit(this.#rest, 0, this.#rest.length);
  }

  #line(buffer: Buffer, start: number, lineFeed: number): void {
    const crlf = lineFeed > start && buffer[lineFeed - 1] === CR;
    this.#crlf ??= crlf;
    if (crlf !== this.#crlf) this.#refuse('E_MIXED_EOL');
    this.#emit(buffer, start, crlf ? lineFeed - 1 : lineFeed);
  }

  #emit(buffer: Buffer, start: number, end: number): void {
    if (this.#ended) this.#refuse('E_TRAILING_DATA');
    const marked = this.#recordNo === 0 && buffer.subarray(start, start + BOM.length).equals(BOM);
    const bytes = buffer.subarray(marked ? start + BOM.length : start, end);
    if (bytes.length > CSV_LINE_BYTES_MAX) this.#refuse('E_RECORD_LENGTH');
    if (bytes.includes(CR)) this.#refuse('E_MIXED_EOL');
    if (!isUtf8(bytes) || hasControl(bytes)) this.#refuse('E_ENCODING');
    this.#recordNo++;
    this.#ended = this.#onRecord({ recordNo: this.#recordNo, offset: this.#offset + start, bytes });
  }

  #refuse(code: Fault['code']): never {
    throw fileRejected([{ code, recordNo: this.#recordNo + 1 }]);
  }
}

/** The line feed that ends the line: the first one outside quotes. */
function lineEnd(buffer: Buffer, start: number): number {
  let end = buffer.indexOf(LF, start);
  while (end !== -1 && quotesBetween(buffer, start, end) % 2 === 1) {
    if (end - start > CSV_LINE_BYTES_MAX) return end;
    end = buffer.indexOf(LF, end + 1);
  }
  return end;
}

function quotesBetween(buffer: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = buffer.indexOf(QUOTE, start); at !== -1 && at < end; at = buffer.indexOf(QUOTE, at + 1))
    count++;
  return count;
}

function hasControl(bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    if ((byte < 0x20 && byte !== LF) || byte === 0x7f) return true;
  }
  return false;
}

/** The cells of a line; undefined when quotes are broken. */
export function splitCsv(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let position = 0;
  for (;;) {
    const quoted = line[position] === '"';
    const end = quoted ? closingQuote(line, position) + 1 : nextComma(line, position);
    if (quoted && end === 0) return undefined;
    const cell = line.slice(position, end);
    if (!quoted && cell.includes('"')) return undefined;
    cells.push(quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === line.length) return cells;
    if (line[end] !== ',') return undefined;
    position = end + 1;
  }
}

/** One cell as RFC 4180 writes it. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function nextComma(line: string, from: number): number {
  const comma = line.indexOf(',', from);
  return comma === -1 ? line.length : comma;
}

function closingQuote(line: string, opening: number): number {
  let at = line.indexOf('"', opening + 1);
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at;
}
