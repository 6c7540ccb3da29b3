import { LRUCache } from 'lru-cache';
import type { Database } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { SESSION_STATES_MAX, SESSION_TOUCH_MS } from '../../kernel/limits.js';
import { touchSession } from './session.store.js';

/**
 * When sessions were last in use. Known here to the millisecond, written to the register every few seconds only, so
 * that reading does not become writing; another process may thus end an idle session up to SESSION_TOUCH_MS early.
 */
export class Activity {
  readonly #database: Database;
  readonly #seen = new LRUCache<string, { seenAt: number; writtenAt: number }>({ max: SESSION_STATES_MAX });

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param stored milliseconds since the epoch, as the register has it */
  lastSeen(sessionId: string, stored: number): number {
    return Math.max(stored, this.#seen.get(sessionId)?.seenAt ?? 0);
  }

  /** Notes a use. @throws KuramoriError DATABASE_UNAVAILABLE, TIMEOUT */
  async note(sessionId: string, stored: number, now: Temporal.Instant): Promise<void> {
    const nowMs = now.epochMilliseconds;
    const known = this.#seen.get(sessionId) ?? { seenAt: stored, writtenAt: stored };
    this.#seen.set(sessionId, known);
    known.seenAt = Math.max(known.seenAt, nowMs);
    if (nowMs - known.writtenAt < SESSION_TOUCH_MS) return;
    known.writtenAt = nowMs;
    await touchSession(this.#database, sessionId, now);
  }
}
