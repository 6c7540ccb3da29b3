import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../../audit/log.js';
import { addressKey } from '../../kernel/address.js';
import type { Clock } from '../../kernel/clock.js';
import { REFUSAL_ENTRIES_PER_MINUTE_MAX, SIGN_IN_ADDRESSES_MAX } from '../../kernel/limits.js';
import { identityRecord, type IdentityEvent } from './auditrecord.js';

const MINUTE_MS = 60_000;

interface Minute {
  startedAt: number;
  written: number;
  unwritten: number;
}

/**
 * Entries of refusals before anyone is known: per address at most ten a minute, then one summary with the count, so
 * that an outsider cannot fill the log (handbook 15 §10).
 */
export class RefusalLog {
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #minutes = new Map<string, Minute>();
  readonly #timer: NodeJS.Timeout;
  #summaries: Promise<void> = Promise.resolve();

  constructor(audit: AuditLog, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
    this.#timer = setInterval(() => this.#summarise(false), MINUTE_MS);
    this.#timer.unref();
  }

  /**
   * Whether one more entry for an address is to be written now; if not it is counted for the summary.
   * A raised event is always written when it needed a genuine credential, which outsiders do not have.
   */
  admits(address: string): boolean {
    const minute = this.#minuteOf(addressKey(address));
    if (minute.written < REFUSAL_ENTRIES_PER_MINUTE_MAX) {
      minute.written += 1;
      return true;
    }
    minute.unwritten += 1;
    return false;
  }

  /** @throws KuramoriError AUDIT_UNAVAILABLE: then the refusal is answered with that */
  async append(event: IdentityEvent): Promise<void> {
    if (event.genuine === true || this.admits(event.from.address))
      await this.#audit.append(identityRecord(event));
  }

  /** Writes the summaries of minutes that are over; with `all` of every minute. Resolves when they are durable. */
  async flush(all = true): Promise<void> {
    this.#summarise(all);
    await this.#summaries;
  }

  /** A count that cannot be written even now is lost with the process; the log itself was away then. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #minuteOf(key: string): Minute {
    const now = this.#clock.now().epochMilliseconds;
    const known = this.#minutes.get(key);
    if (known && now < known.startedAt + MINUTE_MS) return known;
    if (known) this.#write(key, known);
    else if (this.#minutes.size >= SIGN_IN_ADDRESSES_MAX) this.#summarise(true);
    const fresh: Minute = { startedAt: now, written: 0, unwritten: 0 };
    this.#minutes.set(key, fresh);
    return fresh;
  }

  #summarise(all: boolean): void {
    const now = this.#clock.now().epochMilliseconds;
    for (const [key, minute] of this.#minutes) {
      if (!all && now < minute.startedAt + MINUTE_MS) continue;
      this.#minutes.delete(key);
      this.#write(key, minute);
    }
  }

  /** A summary nobody waits for; when it cannot be written its count goes into the next one. */
  #write(key: string, minute: Minute): void {
    if (minute.unwritten === 0) return;
    const from = { address: key, requestId: randomUUID(), terminal: '', clientApp: '' };
    const record = identityRecord({
      kind: 'refusal',
      coordinate: 'Session.refusals',
      decision: 'refuse',
      reason: 'notWrittenSingly',
      at: this.#clock.now(),
      from,
      rows: minute.unwritten,
      raised: true,
    });
    const appended = this.#audit.append(record).then(
      () => undefined,
      () => {
        const next = this.#minuteOf(key);
        next.written = REFUSAL_ENTRIES_PER_MINUTE_MAX;
        next.unwritten += minute.unwritten;
      },
    );
    this.#summaries = Promise.all([this.#summaries, appended]).then(() => undefined);
  }
}
