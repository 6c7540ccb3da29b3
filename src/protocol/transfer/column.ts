import { CSV_CELL_CHARS_MAX } from '../../kernel/limits.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { YEN_MAX, type Yen } from '../../kernel/yen.js';

/** How the cells of a column are written (handbook 13 §2). */
export type ColumnKind = 'text' | 'code' | 'day' | 'instant' | 'yen' | 'integer' | 'flag';

/**
 * One column of a CSV file of a package. An empty cell is the absence of a value and nothing else, so that no text is
 * empty and every value has one spelling.
 */
export interface Column<V> {
  readonly kind: ColumnKind;
  /** Japanese term, for people. */
  readonly title: string;
  readonly optional: boolean;
  /** Whether a cell that is not empty is written as the column asks. */
  accepts(cell: string): boolean;
  /** The value of a cell that `accepts` has taken. */
  parse(cell: string): V;
  /** The cell of a value; `accepts` judges it afterwards. */
  print(value: V): string;
}

/** The columns of a file, in the order of its heading. */
export type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row of a file with the given columns. Absent values are null. */
export type RowOf<C extends Columns> = {
  readonly [K in keyof C]: C[K] extends Column<infer V> ? V : never;
};

/** Breaks of lines and tabs belong to what people write; other control characters would rule the reader's terminal. */
const FORBIDDEN_IN_TEXT = /[^\P{Cc}\n\t]|[\p{Cs}\u2028\u2029]/u;
const INSTANT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?Z$/;
const DIGITS = /^(0|[1-9]\d{0,15})$/;
const FLAGS = new Map([
  ['1', true],
  ['0', false],
]);

const same = (cell: string) => cell;

/** A text of people as it is stored, at most so many code units. */
export function text(title: string, charsMax = CSV_CELL_CHARS_MAX): Column<string> {
  const accepts = (cell: string) => cell.length <= charsMax && !FORBIDDEN_IN_TEXT.test(cell);
  return { kind: 'text', title, optional: false, accepts, parse: same, print: same };
}

/** A code of a closed set, or of a closed form. */
export function code<const W extends string>(title: string, words: readonly W[]): Column<W>;
export function code(title: string, form: RegExp): Column<string>;
export function code(title: string, form: readonly string[] | RegExp): Column<string> {
  const accepts =
    form instanceof RegExp ? (cell: string) => form.test(cell) : new Set(form).has.bind(new Set(form));
  return { kind: 'code', title, optional: false, accepts, parse: same, print: same };
}

/** A day, YYYY-MM-DD. */
export function day(title: string): Column<IsoDate> {
  return { kind: 'day', title, optional: false, accepts: isDay, parse: same, print: same };
}

/** A moment in UTC, YYYY-MM-DDThh:mm:ss[.mmm]Z. */
export function instant(title: string): Column<string> {
  const accepts = (cell: string) => INSTANT.test(cell) && isDay(cell.slice(0, 10));
  return { kind: 'instant', title, optional: false, accepts, parse: same, print: same };
}

/** Whole yen, not negative, without separators. */
export function yen(title: string): Column<Yen> {
  const accepts = (cell: string) => DIGITS.test(cell) && BigInt(cell) <= YEN_MAX;
  return { kind: 'yen', title, optional: false, accepts, parse: BigInt, print: String };
}

/** A whole number from 0. */
export function integer(title: string, max: number): Column<number> {
  const accepts = (cell: string) => DIGITS.test(cell) && Number(cell) <= max;
  return { kind: 'integer', title, optional: false, accepts, parse: Number, print: String };
}

/** Yes or no: 1 or 0. */
export function flag(title: string): Column<boolean> {
  return {
    kind: 'flag',
    title,
    optional: false,
    accepts: (cell) => FLAGS.has(cell),
    parse: (cell) => FLAGS.get(cell)!,
    print: (value) => (value ? '1' : '0'),
  };
}

/** The same column, which may be empty: null. */
export function optional<V>(column: Column<V>): Column<V | null> {
  return {
    ...column,
    optional: true,
    parse: (cell) => (cell === '' ? null : column.parse(cell)),
    print: (value) => (value === null ? '' : column.print(value)),
  };
}

/** Whether a cell, empty or not, is one of the column. */
export function isCell(column: Column<unknown>, cell: string): boolean {
  return cell === '' ? column.optional : column.accepts(cell);
}

const daysKnown = new Map<string, boolean>();
const DAYS_KNOWN_MAX = 50_000;

/** The calendar is asked once for a day: files hold few days many times. */
function isDay(cell: string): boolean {
  if (cell.length !== 10) return false;
  const known = daysKnown.get(cell);
  if (known !== undefined) return known;
  let sound = true;
  try {
    plainDate(cell);
  } catch {
    sound = false;
  }
  if (daysKnown.size >= DAYS_KNOWN_MAX) daysKnown.clear();
  daysKnown.set(cell, sound);
  return sound;
}
