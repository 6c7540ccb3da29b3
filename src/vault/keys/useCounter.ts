import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import type { Database } from '../../kernel/database/database.js';
import { KEY_USES_MAX, KEY_USES_STEP } from '../../kernel/limits.js';

/** Below this the next step is noted while the rest of the last one is still being used. */
const STEP_LOW = KEY_USES_STEP / 2;

/**
 * Counts the uses of keys (NIST SP 800-38D §8.3). They are noted in the database before they are done, a step at a
 * time: a vault that is killed has counted at most a step too many for a key, and never one too few.
 */
export class UseCounter {
  readonly #database: Database;
  /** Noted and not done yet, by key id. */
  readonly #left = new Map<string, number>();
  readonly #noting = new Map<string, Promise<void>>();
  #lastFailure: unknown;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes uses that are noted, at most STEP_LOW at once.
   * @throws KuramoriError CONFLICT when the key has reached its bound; DATABASE_UNAVAILABLE when none could be noted
   */
  take(keyId: string, uses: number): void {
    const left = this.#left.get(keyId) ?? 0;
    if (left < uses) {
      this.#noteLater(keyId);
      throw this.#spent();
    }
    this.#left.set(keyId, left - uses);
    if (left - uses < STEP_LOW) this.#noteLater(keyId);
  }

  /**
   * Notes uses until at least so many are left.
   * @throws KuramoriError CONFLICT when the key has reached its bound, or what the database said
   */
  async ensure(keyId: string, uses: number): Promise<void> {
    while ((this.#left.get(keyId) ?? 0) < uses) await this.#note(keyId);
  }

  /** As `ensure`, of one use; but a key at its bound, with which nothing more may be sealed, is left as it is. */
  async ensureUnlessExhausted(keyId: string): Promise<void> {
    try {
      await this.ensure(keyId, 1);
    } catch (error) {
      if (!isKuramoriError(error, 'CONFLICT')) throw error;
    }
  }

  #noteLater(keyId: string): void {
    this.#note(keyId).then(
      () => (this.#lastFailure = undefined),
      // Told to whoever finds no use left; until then the rest of the step still serves.
      (failure: unknown) => (this.#lastFailure = failure),
    );
  }

  #note(keyId: string): Promise<void> {
    const running = this.#noting.get(keyId);
    if (running !== undefined) return running;
    const noting = this.#noteStep(keyId).finally(() => this.#noting.delete(keyId));
    this.#noting.set(keyId, noting);
    return noting;
  }

  async #noteStep(keyId: string): Promise<void> {
    const noted = await this.#database.run(
      'key.uses',
      ({ raw }) => raw`
        update vault.key set uses = uses + ${KEY_USES_STEP}
        where key_id = ${keyId} and uses + ${KEY_USES_STEP} <= ${String(KEY_USES_MAX)}::bigint returning uses`,
    );
    if (noted.length === 0) throw exhausted();
    this.#left.set(keyId, (this.#left.get(keyId) ?? 0) + KEY_USES_STEP);
  }

  #spent(): KuramoriError {
    if (isKuramoriError(this.#lastFailure, 'CONFLICT')) return exhausted();
    return new KuramoriError(
      'DATABASE_UNAVAILABLE',
      'The uses of a key could not be noted ahead of them. Try again in a moment.',
      {},
      { cause: this.#lastFailure },
    );
  }
}

function exhausted(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'A key has been used as often as it may be. Rotate its class: kuramori vault rotate.',
    { rule: 'keyUses' },
  );
}
