import { INTERMEDIARY_JOURNAL_BYTES_MAX } from '../../../kernel/limits.js';
import { LineFile } from './file.js';

/** What one commit does to a table: a value put under its key, or (without one) taken away. */
export type Change = readonly [table: string, key: string, value?: unknown];

/**
 * The store of one body: tables in memory, and a journal of commits on the disk from which they are read at start. A
 * commit is one line, so that it is there whole or not at all.
 */
export class Store {
  readonly #file: LineFile;
  readonly #tables: Map<string, Map<string, unknown>>;

  private constructor(file: LineFile, tables: Map<string, Map<string, unknown>>) {
    this.#file = file;
    this.#tables = tables;
  }

  /** @throws KuramoriError INTEGRITY_FAILURE when the journal is damaged */
  static async open(path: string): Promise<Store> {
    const tables = new Map<string, Map<string, unknown>>();
    const file = await LineFile.open(path, INTERMEDIARY_JOURNAL_BYTES_MAX, (line) =>
      apply(tables, line as readonly Change[]),
    );
    return new Store(file, tables);
  }

  /** Whether no table holds anything. */
  get isEmpty(): boolean {
    return [...this.#tables.values()].every((table) => table.size === 0);
  }

  /** A table to read; `name` and type belong together by the caller's word. */
  table<T>(name: string): ReadonlyMap<string, T> {
    return tableOf(this.#tables, name) as ReadonlyMap<string, T>;
  }

  /**
   * Makes the changes durable, then visible.
   * @throws KuramoriError TOO_MANY_REQUESTS when the journal is full, PAYLOAD_TOO_LARGE, INTERNAL: nothing has changed
   */
  async commit(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#file.append(changes);
    apply(this.#tables, changes);
  }

  /** Rewrites the journal as what the tables hold now. */
  async compact(): Promise<void> {
    const tables = [...this.#tables];
    await this.#file.rewrite(
      tables.flatMap(([table, rows]) =>
        [...rows].map(([key, value]): readonly Change[] => [[table, key, value]]),
      ),
    );
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function apply(tables: Map<string, Map<string, unknown>>, changes: readonly Change[]): void {
  for (const [table, key, value] of changes) {
    if (value === undefined || value === null) tableOf(tables, table).delete(key);
    else tableOf(tables, table).set(key, value);
  }
}

function tableOf(tables: Map<string, Map<string, unknown>>, name: string): Map<string, unknown> {
  let table = tables.get(name);
  if (table === undefined) tables.set(name, (table = new Map<string, unknown>()));
  return table;
}
