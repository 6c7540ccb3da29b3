import type postgres from 'postgres';
import { CONNECT_SECONDS_MAX } from '../limits.js';
import { withinDeadline } from './deadline.js';
import { databaseError, isConnectionLost } from './errors.js';
import { handleOn, withoutHoles, type Handle, type Session } from './session.js';

interface Generation {
  readonly driver: postgres.Sql;
  readonly handle: Handle;
}

/**
 * Connections for single statements. The driver's pool is replaced as a whole once a connection of it was lost: what it
 * opens in the place of one that was cut while it was written to is never heard of again (postgres.js issue 1154), and
 * every statement that meets it waits for its deadline. Slowness is no reason: more connections would add to it.
 */
export class Pool implements Session {
  readonly #open: () => postgres.Sql;
  readonly #deadlineMs: number | undefined;
  readonly #retiring = new Set<Promise<void>>();
  #current: Generation;
  #closed = false;

  constructor(open: () => postgres.Sql, deadlineMs: number | undefined) {
    this.#open = open;
    this.#deadlineMs = deadlineMs;
    this.#current = this.#next();
  }

  async run<T>(statement: string, work: (handle: Handle) => PromiseLike<T>): Promise<T> {
    const used = this.#current;
    try {
      return withoutHoles(await withinDeadline(statement, work(used.handle), this.#deadlineMs));
    } catch (thrown) {
      if (isConnectionLost(thrown)) this.#replace(used);
      throw databaseError(statement, thrown);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([ended(this.#current.driver), ...this.#retiring]);
  }

  #next(): Generation {
    const driver = this.#open();
    return { driver, handle: handleOn(driver) };
  }

  #replace(lost: Generation): void {
    if (lost !== this.#current || this.#closed) return;
    this.#current = this.#next();
    const retired = ended(lost.driver).finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }
}

/** Lets statements under way end, and then whatever still hangs. */
function ended(driver: postgres.Sql): Promise<void> {
  return driver.end({ timeout: CONNECT_SECONDS_MAX });
}
