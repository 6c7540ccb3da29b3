import type { Session } from '../../../kernel/database/database.js';
import { isKuramoriError } from '../../../kernel/errors.js';
import type { KeyContext } from '../context.js';

/** One batch of a rotation or of its dry run. */
export interface Batch {
  readonly context: KeyContext;
  /** The transaction in which rows and cursor change together; of a dry run, the database. */
  readonly session: Session;
  /** Where the last batch ended; empty at the beginning. */
  readonly cursor: string;
}

/** What a batch did. */
export interface BatchResult {
  /** Where the next one begins; undefined when nothing is left. */
  readonly cursor: string | undefined;
  /** Rows that were moved, or looked at. */
  readonly done: number;
  /** References of rows that do not open: of a dry run only, a rotation stops at the first. */
  readonly faults: readonly string[];
}

/** What lies under the keys of one class, and how it is moved to a new version. */
export interface KeyedRows {
  /** Rows under any version up to this one. */
  under(session: Session, throughVersion: number): Promise<bigint>;
  /** Steps of a rotation to a version, as `done` counts them. */
  total(session: Session, toVersion: number): Promise<bigint>;
  /**
   * Moves one batch to a version and verifies each row as the database has stored it.
   * @throws KuramoriError INTEGRITY_FAILURE when a row does not open
   */
  move(batch: Batch, toVersion: number): Promise<BatchResult>;
  /** Opens one batch under its present keys and changes nothing. */
  check(batch: Batch): Promise<BatchResult>;
}

/** Nothing is stored under the key: what it sealed lives for seconds, or outside. */
export const NO_ROWS: KeyedRows = {
  under: () => Promise.resolve(0n),
  total: () => Promise.resolve(0n),
  move: () => Promise.resolve({ cursor: undefined, done: 0, faults: [] }),
  check: () => Promise.resolve({ cursor: undefined, done: 0, faults: [] }),
};

/** The count that is a statement's only row. */
export async function count(rows: Promise<readonly { readonly n: bigint }[]>): Promise<bigint> {
  return (await rows).reduce((sum, { n }) => sum + n, 0n);
}

/** Whether something opens; other failures than that of its protection are thrown. */
export function isSound(open: () => void): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (isKuramoriError(error, 'INTEGRITY_FAILURE')) return false;
    throw error;
  }
}

/** For a text array: bytes pass as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
