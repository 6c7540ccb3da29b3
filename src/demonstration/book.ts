import { createHash } from 'node:crypto';
import type { PurposeName } from '../access/purposes.js';
import type { RateTable } from '../collection/charge/rates.js';
import { postingRules, type PostingRules } from '../collection/receipt/posting.js';
import { isoDay, type DayNo, type OfficeCalendar } from './days.js';
import { noRows, TABLE_NAMES, type Row, type Rows, type TableName } from './tables.js';

/** What the rules of the municipality look like: read from the reference tables of the database. */
export interface Reference {
  readonly calendar: OfficeCalendar;
  readonly rates: RateTable;
  /** Code of each tax item by its identifier. */
  readonly taxItems: ReadonlyMap<string, string>;
}

/**
 * The book that the generators write in: rows not yet stored, the numbers already given, and who did what on which day.
 * It touches no database.
 */
export class Book {
  readonly seed: number;
  /** Nothing later than this day has happened. */
  readonly today: DayNo;
  readonly reference: Reference;
  readonly postingRules: PostingRules;
  #rows: Rows = noRows();
  #rowCount = 0;
  readonly #lastIds = new Map<string, number>();
  readonly #counts = new Map<TableName, number>(TABLE_NAMES.map((table) => [table, 0]));
  readonly #changes = new Map<string, number>();

  constructor(seed: number, today: DayNo, reference: Reference) {
    this.seed = seed;
    this.today = today;
    this.reference = reference;
    this.postingRules = postingRules(reference.rates);
  }

  /** Adds a row. */
  add<T extends TableName>(table: T, row: Row<T>): void {
    (this.#rows[table] as Row<T>[]).push(row);
    this.#rowCount += 1;
  }

  /** The next number of a sequence: a table's key or a count of our own. */
  next(sequence: string): number {
    const id = (this.#lastIds.get(sequence) ?? 0) + 1;
    this.#lastIds.set(sequence, id);
    return id;
  }

  /** The last number given, 0 for none. */
  last(sequence: string): number {
    return this.#lastIds.get(sequence) ?? 0;
  }

  /** Rows since the last `take`. */
  get pending(): number {
    return this.#rowCount;
  }

  /** Hands out the rows made since the last time and starts afresh. */
  take(): Rows {
    const taken = this.#rows;
    for (const table of TABLE_NAMES) this.#counts.set(table, this.count(table) + taken[table].length);
    this.#rows = noRows();
    this.#rowCount = 0;
    return taken;
  }

  /** Rows taken so far. */
  count(table: TableName): number {
    return this.#counts.get(table) ?? 0;
  }

  /** The change (更新記録) of an act of a staff member on a day; made when it is first asked for. */
  change(action: string, day: DayNo, actorId: string, purpose: PurposeName): number {
    const key = `${action} ${day} ${actorId}`;
    let id = this.#changes.get(key);
    if (id === undefined) {
      id = this.next('change');
      this.#changes.set(key, id);
      this.add('change', {
        id,
        at: `${isoDay(day)} 10:00:00+09`,
        actor_id: actorId,
        purpose,
        case_ref: null,
        request_id: requestId(this.seed, id),
        action,
      });
    }
    return id;
  }
}

/** A UUID of version 8 that depends on the seed alone. */
function requestId(seed: number, id: number): string {
  const hex = createHash('sha256').update(`${seed}:${id}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
