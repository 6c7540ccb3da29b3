import { LRUCache } from 'lru-cache';
import { today, type Clock } from '../../kernel/clock.js';
import type { Database } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { SESSION_STATE_CACHE_MS_MAX, SESSION_STATES_MAX } from '../../kernel/limits.js';
import { readSessionState, type SessionState } from './state.store.js';

interface Remembered {
  readonly day: IsoDate;
  /** Milliseconds since the epoch at which reading began: the state may be as old as that. */
  readonly readAt: number;
  readonly state: Promise<SessionState | undefined>;
  actorId: string | undefined;
}

/**
 * What the register says about sessions, remembered for at most a second so that the many requests of one screen share
 * one statement. Only what was read is remembered, never a decision; whoever changes an account says `forget`.
 */
export class SessionStates {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<string, Remembered>({ max: SESSION_STATES_MAX });

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws KuramoriError DATABASE_UNAVAILABLE, TIMEOUT; nothing older is used instead */
  async get(sessionId: string): Promise<SessionState | undefined> {
    const now = this.#clock.now().epochMilliseconds;
    const day = today(this.#clock);
    const known = this.#remembered.get(sessionId);
    const isFresh =
      known && known.day === day && now >= known.readAt && now - known.readAt < SESSION_STATE_CACHE_MS_MAX;
    return (isFresh ? known : this.#read(sessionId, day, now)).state;
  }

  forget(of: { readonly sessionId: string } | { readonly actorId: string } | 'everybody'): void {
    if (of === 'everybody') {
      this.#remembered.clear();
      return;
    }
    if ('sessionId' in of) {
      this.#remembered.delete(of.sessionId);
      return;
    }
    for (const [sessionId, { actorId }] of this.#remembered.entries()) {
      // What is still being read may have been read before the change.
      if (actorId === undefined || actorId === of.actorId) this.#remembered.delete(sessionId);
    }
  }

  #read(sessionId: string, day: IsoDate, readAt: number): Remembered {
    const entry: Remembered = {
      day,
      readAt,
      actorId: undefined,
      state: readSessionState(this.#database, sessionId, day).then((state) => {
        entry.actorId = state?.actorId;
        if (state === undefined) this.#drop(sessionId, entry);
        return state;
      }),
    };
    entry.state.catch(() => this.#drop(sessionId, entry));
    this.#remembered.set(sessionId, entry);
    return entry;
  }

  #drop(sessionId: string, entry: Remembered): void {
    if (this.#remembered.peek(sessionId) === entry) this.#remembered.delete(sessionId);
  }
}
