import type { Logger } from 'pino';
import type { Session } from '../kernel/database/database.js';
import { isKuramoriError } from '../kernel/errors.js';
import {
  AUDIT_BUSY_RECORDS,
  AUDIT_CATCH_UP_STEP_RECORDS,
  AUDIT_INDEX_BEHIND_RECORDS_MAX,
  AUDIT_INDEX_INTERVAL_MS,
} from '../kernel/limits.js';
import { catchUpSome } from './catchUp.js';

/**
 * Enters what was appended into the tables that searches read, in small steps, when the log is quiet: clerks do not
 * wait for it. A log that is never quiet is kept from falling further behind than AUDIT_INDEX_BEHIND_RECORDS_MAX.
 */
export class Indexer {
  readonly #session: Session;
  readonly #logger: Pick<Logger, 'warn'> | undefined;
  #appended = 0;
  #behind = 0n;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(session: Session, logger?: Pick<Logger, 'warn'>) {
    this.#session = session;
    this.#logger = logger;
  }

  /** Takes note of records that were appended. */
  appended(records: number): void {
    this.#appended += records;
    if (this.#timer === undefined && !this.#closed) this.#wait();
  }

  /** Begins nothing more; resolves when the step that is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(): void {
    // Whatever is left when the process ends is entered by the next search, or by the next process.
    this.#timer = setTimeout(() => {
      this.#running = this.#turn();
    }, AUDIT_INDEX_INTERVAL_MS).unref();
  }

  async #turn(): Promise<void> {
    try {
      let isBusy = this.#takeNote();
      while (!this.#closed && this.#behind > (isBusy ? AUDIT_INDEX_BEHIND_RECORDS_MAX : 0n)) {
        const progress = await catchUpSome(
          this.#session,
          AUDIT_CATCH_UP_STEP_RECORDS,
          'leavesIt',
          'leavesIt',
        );
        this.#behind = progress?.behind ?? 0n;
        isBusy = this.#takeNote() || isBusy;
      }
    } catch (failure) {
      // The records are safe, and the next search enters them, or says why it cannot.
      const code = isKuramoriError(failure) ? failure.code : 'INTERNAL';
      this.#logger?.warn(
        { code },
        'what was appended to the log could not be entered for searches; it is tried again',
      );
    }
    this.#timer = undefined;
    if (!this.#closed && (this.#behind > 0n || this.#appended > 0)) this.#wait();
  }

  /** @returns whether many records came since the last time */
  #takeNote(): boolean {
    const appended = this.#appended;
    this.#appended = 0;
    this.#behind += BigInt(appended);
    return appended > AUDIT_BUSY_RECORDS;
  }
}
