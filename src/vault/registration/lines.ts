import { KuramoriError } from '../../kernel/errors.js';
import { REGISTRATION_LINE_BYTES_MAX, REGISTRATION_LINES_MAX } from '../../kernel/limits.js';
import { IndividualNumber } from '../number/individualNumber.js';
import { NumberRefusal, type NumberRule } from '../number/refusal.js';
import type { NumberEntry } from '../record/registerMany.js';

/** Why a line was not registered. It tells nothing of what stands in the line. */
export type LineRule =
  /** Not two fields parted by one comma, or too long. */
  | 'FORM'
  /** Not 15 digits. */
  | 'UNIFIED_ADDRESSEE_NO'
  /** The number, by handbook 10 §4. */
  | NumberRule
  /** Registered for another unified addressee number. */
  | 'OTHER_ADDRESSEE'
  /** Replaced by another number (番号変更). */
  | 'SUPERSEDED'
  /** Just being erased. */
  | 'ERASING';

/** A line with a number. Whoever took it disposes of the number. */
export interface NumberLine extends NumberEntry {
  /** From 1; the heading counts. */
  readonly lineNo: number;
  readonly unifiedAddresseeNo: string;
}

export interface RefusedLine {
  readonly lineNo: number;
  readonly rule: LineRule;
}

export interface ParsedLines {
  readonly accepted: readonly NumberLine[];
  readonly refused: readonly RefusedLine[];
}

const [NEWLINE, RETURN, COMMA, ZERO, NINE] = [0x0a, 0x0d, 0x2c, 0x30, 0x39] as const;
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const HEADING = Buffer.from('unifiedAddresseeNo,number', 'ascii');
const UNIFIED_ADDRESSEE_NO_DIGITS = 15;

/**
 * Reads lines `unifiedAddresseeNo,number`, strictly: 15 digits, a comma, 12 digits; no quotes, no spaces; LF or CR LF.
 * The first line of a file may be the heading. Digits of a number never become a text.
 * @param firstLineNo of the chunk's first line, from 1
 */
export function parseLines(chunk: Uint8Array, firstLineNo: number): ParsedLines {
  const accepted: NumberLine[] = [];
  const refused: RefusedLine[] = [];
  let lineNo = firstLineNo;
  for (const line of linesOf(chunk)) {
    if (lineNo > 1 || !isHeading(line)) {
      const parsed = parseLine(line, lineNo);
      if ('rule' in parsed) refused.push(parsed);
      else accepted.push(parsed);
    }
    lineNo += 1;
  }
  return { accepted, refused };
}

/** Lines of a chunk, and how many of them are no heading. */
export function countLines(
  chunk: Uint8Array,
  firstLineNo: number,
): { readonly lines: number; readonly entries: number } {
  let lines = 0;
  let headings = 0;
  for (const line of linesOf(chunk)) {
    if (firstLineNo + lines === 1 && isHeading(line)) headings += 1;
    lines += 1;
  }
  return { lines, entries: lines - headings };
}

/**
 * @param entries lines of a file that are no heading, as far as it was read
 * @throws KuramoriError FILE_REJECTED
 */
export function assertEntries(entries: number): void {
  if (entries <= REGISTRATION_LINES_MAX) return;
  throw new KuramoriError(
    'FILE_REJECTED',
    `The file has more than ${REGISTRATION_LINES_MAX} numbers. Part it.`,
  );
}

/** Whether no other chunk may come after it: its last line has no end. */
export function isLastOfAll(chunk: Uint8Array): boolean {
  return chunk.at(-1) !== NEWLINE;
}

function* linesOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < chunk.length;) {
    const newline = chunk.indexOf(NEWLINE, from);
    const end = newline < 0 ? chunk.length : newline;
    yield chunk.subarray(from, end > from && chunk[end - 1] === RETURN ? end - 1 : end);
    from = end + 1;
  }
}

/** Only the first line of a file is looked at; programs of Windows put a mark before it. */
function isHeading(line: Uint8Array): boolean {
  const marked = Buffer.compare(line.subarray(0, BYTE_ORDER_MARK.length), BYTE_ORDER_MARK) === 0;
  return Buffer.compare(marked ? line.subarray(BYTE_ORDER_MARK.length) : line, HEADING) === 0;
}

function parseLine(line: Uint8Array, lineNo: number): NumberLine | RefusedLine {
  const comma = line.indexOf(COMMA);
  if (line.length > REGISTRATION_LINE_BYTES_MAX || comma < 0 || line.includes(COMMA, comma + 1))
    return { lineNo, rule: 'FORM' };
  const unified = line.subarray(0, comma);
  if (unified.length !== UNIFIED_ADDRESSEE_NO_DIGITS || !unified.every(isDigit))
    return { lineNo, rule: 'UNIFIED_ADDRESSEE_NO' };
  try {
    const number = IndividualNumber.ofDigits(line.subarray(comma + 1));
    return { lineNo, number, unifiedAddresseeNo: Buffer.from(unified).toString('ascii') };
  } catch (error) {
    if (error instanceof NumberRefusal) return { lineNo, rule: error.rule };
    throw error;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
