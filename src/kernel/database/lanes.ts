import type postgres from 'postgres';
import { KuramoriError } from '../errors.js';
import { CONNECT_SECONDS_MAX, TRANSACTION_WAIT_MS_MAX } from '../limits.js';
import { withinDeadline } from './deadline.js';
import { databaseError, databaseUnavailable, isDriverFault } from './errors.js';
import { handleOn, withoutHoles, type Handle, type Session } from './session.js';

/** What a transaction may do. */
export type Access = 'write' | 'read';

/** Opens a connection; `onClose` is called as soon as it is lost. */
export type OpenConnection = (onClose: () => void) => postgres.Sql;

/**
 * One connection that carries one transaction at a time, and is thrown away once anything is wrong with it. The
 * driver's own transactions go on over a connection that was lost and opened anew in the meantime: their ROLLBACK, and
 * even their INSERT and COMMIT, then run within somebody else's transaction, or take the process down (postgres.js
 * issues 1133, 1208, 1216).
 */
class Lane implements Session {
  readonly #connection: postgres.Sql;
  readonly #handle: Handle;
  readonly #deadlineMs: number | undefined;
  #lost = false;
  #isWarm = false;

  constructor(open: OpenConnection, deadlineMs: number | undefined) {
    this.#connection = open(() => {
      this.#lost = true;
    });
    this.#handle = handleOn(this.#connection);
    this.#deadlineMs = deadlineMs;
  }

  get lost(): boolean {
    return this.#lost;
  }

  async run<T>(statement: string, work: (handle: Handle) => PromiseLike<T>): Promise<T> {
    if (this.#lost) throw databaseUnavailable(statement);
    try {
      return withoutHoles(await withinDeadline(statement, work(this.#handle), this.#deadlineMs));
    } catch (thrown) {
      const error = databaseError(statement, thrown);
      // The server has answered and goes on; after anything else nobody knows what state the connection is in.
      if (error.code !== 'DATABASE_ERROR' && error.code !== 'TIMEOUT') await this.discard();
      throw error;
    }
  }

  /**
   * Begins a transaction. On a connection that has carried one, what follows is sent at once: it is behind the BEGIN on
   * the same wire. One that is still being opened could be opened anew for what follows, without the BEGIN.
   */
  async begin(name: string, access: Access): Promise<{ readonly begun: Promise<unknown> }> {
    const begun = this.run(`${name}.begin`, ({ raw }) =>
      access === 'read' ? raw`begin read only` : raw`begin`,
    );
    // Whoever waits for it hears of its failure; what is sent behind it fails as well.
    begun.catch(() => undefined);
    if (!this.#isWarm) await begun;
    this.#isWarm = true;
    return { begun };
  }

  /** @throws KuramoriError DATABASE_ERROR when a statement had failed and the server therefore kept nothing */
  async commit(name: string): Promise<void> {
    const { command } = await this.run(`${name}.commit`, ({ raw }) => raw`commit`);
    if (command === 'COMMIT') return;
    throw new KuramoriError(
      'DATABASE_ERROR',
      `The transaction ${name} had failed before its end; nothing was kept.`,
      {
        statement: name,
      },
    );
  }

  /** Leaves no transaction open, whatever happened. */
  async rollBack(name: string): Promise<void> {
    if (this.#lost) return;
    try {
      await this.run(`${name}.rollback`, ({ raw }) => raw`rollback`);
    } catch {
      // What failed before is what the caller is told; a connection that cannot even roll back is given up.
      await this.discard();
    }
  }

  /** Cuts the connection; the server rolls back what was open. */
  async discard(): Promise<void> {
    this.#lost = true;
    await this.#connection.end({ timeout: 0 });
  }

  async close(): Promise<void> {
    await this.#connection.end({ timeout: CONNECT_SECONDS_MAX });
  }
}

/** Connections for transactions: opened when first needed, at most so many, replaced when lost. */
export class Lanes {
  readonly #open: OpenConnection;
  readonly #most: number;
  readonly #deadlineMs: number | undefined;
  readonly #all = new Set<Lane>();
  #idle: Lane[] = [];
  #waiting: ((lane: Lane) => void)[] = [];
  #closed = false;

  constructor(open: OpenConnection, most: number, deadlineMs: number | undefined) {
    this.#open = open;
    this.#most = most;
    this.#deadlineMs = deadlineMs;
  }

  /** Commits when `work` resolves, rolls everything back when it rejects. */
  async transaction<T>(name: string, work: (tx: Session) => Promise<T>): Promise<T> {
    const lane = await this.#take(name);
    try {
      const { begun } = await lane.begin(name, 'write');
      const result = await work(lane);
      await begun;
      await lane.commit(name);
      return result;
    } catch (thrown) {
      await lane.rollBack(name);
      throw isDriverFault(thrown) ? databaseError(name, thrown) : thrown;
    } finally {
      this.#giveBack(lane);
    }
  }

  /** As `transaction`, for work that only reads: nobody waits for its end, which keeps nothing. */
  async reading<T>(name: string, work: (tx: Session) => Promise<T>): Promise<T> {
    const lane = await this.#take(name);
    try {
      const { begun } = await lane.begin(name, 'read');
      const result = await work(lane);
      await begun;
      return result;
    } catch (thrown) {
      throw isDriverFault(thrown) ? databaseError(name, thrown) : thrown;
    } finally {
      void lane.rollBack(name).finally(() => this.#giveBack(lane));
    }
  }

  /** Takes no more transactions, lets statements under way end, closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((lane) => lane.close()));
  }

  async #take(name: string): Promise<Lane> {
    if (this.#closed) throw databaseUnavailable(name);
    for (let lane = this.#idle.pop(); lane !== undefined; lane = this.#idle.pop()) {
      if (!lane.lost) return lane;
      this.#all.delete(lane);
    }
    return this.#all.size < this.#most ? this.#opened() : this.#nextFree(name);
  }

  #opened(): Lane {
    const lane = new Lane(this.#open, this.#deadlineMs);
    this.#all.add(lane);
    return lane;
  }

  /** @throws KuramoriError DATABASE_UNAVAILABLE when none is free in time */
  #nextFree(name: string): Promise<Lane> {
    return new Promise((resolve, reject) => {
      const taken = (lane: Lane) => {
        clearTimeout(timer);
        resolve(lane);
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each !== taken);
        reject(databaseUnavailable(name));
      }, TRANSACTION_WAIT_MS_MAX);
      this.#waiting.push(taken);
    });
  }

  #giveBack(lane: Lane): void {
    if (lane.lost) this.#all.delete(lane);
    const next = this.#waiting.shift();
    if (next) next(lane.lost ? this.#opened() : lane);
    else if (!lane.lost) this.#idle.push(lane);
  }
}
