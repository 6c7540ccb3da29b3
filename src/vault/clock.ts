import { catchUp } from '../audit/catchUp.js';
import type { Clock } from '../kernel/clock.js';
import type { Database } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import { CLOCK_BEHIND_LOG_MS_MAX, CLOCK_DIVERGENCE_MS_MAX } from '../kernel/limits.js';

/** Coordinate of the entry in which an officer states why the clock was wrong and that it is right now. */
export const CLOCK_ACCEPTED_COORDINATE = 'Vault.acceptClock';

/** Why the clock is not trusted. */
export type ClockFault = 'behindLog' | 'divergence';

/** Whether the vault's own clock may be believed (handbook 15 §9). */
export interface ClockGuard {
  /**
   * Every protected operation calls it first: who sets the clock back would make an ended grant valid again. Once
   * untrusted, the clock stays so until an officer's entry.
   * @throws KuramoriError CLOCK_UNTRUSTED
   */
  assertTrusted(): void;
  readonly fault: ClockFault | undefined;
  /** Takes the clock as it is from now on. Call it after the entry CLOCK_ACCEPTED_COORDINATE is durable. */
  accept(): void;
}

/**
 * Compares the clock with the log, once, and from then on with itself and with a clock that nobody sets.
 * @param database of the vault, with its audit log
 * @param monotonicMs milliseconds that only go forward, in step with real time
 */
export async function openClockGuard(
  database: Database,
  clock: Clock,
  monotonicMs: () => number = () => performance.now(),
): Promise<ClockGuard> {
  await catchUp(database);
  const now = clock.now();
  const limit = now.add({ milliseconds: CLOCK_BEHIND_LOG_MS_MAX }).toString();
  const [found] = await database.run(
    'clock.log',
    ({ raw }) => raw<{ ahead: boolean }[]>`
      select latest_at > ${limit}::timestamptz and exists (
        select from audit.record
        where at > ${limit}::timestamptz and record_no >= coalesce((
          select max(record_no) from audit.record where shape_id in (
            select shape_id from audit.shape_coordinate where coordinate = ${CLOCK_ACCEPTED_COORDINATE}
          )), 0)
      ) as ahead from audit.head`,
  );
  const offset = now.epochMilliseconds - monotonicMs();
  return new Guard(clock, monotonicMs, offset, found?.ahead === true ? 'behindLog' : undefined);
}

class Guard implements ClockGuard {
  readonly #clock: Clock;
  readonly #monotonicMs: () => number;
  #offsetMs: number;
  /** What this process's entries were dated with at the latest. */
  #latestMs: number;
  #fault: ClockFault | undefined;

  constructor(clock: Clock, monotonicMs: () => number, offsetMs: number, fault: ClockFault | undefined) {
    this.#clock = clock;
    this.#monotonicMs = monotonicMs;
    this.#offsetMs = offsetMs;
    this.#latestMs = clock.now().epochMilliseconds;
    this.#fault = fault;
  }

  get fault(): ClockFault | undefined {
    this.#look();
    return this.#fault;
  }

  assertTrusted(): void {
    if (this.fault === undefined) return;
    throw new KuramoriError(
      'CLOCK_UNTRUSTED',
      'The clock of the vault cannot be trusted. An officer must state the cause with kuramori vault clock.',
    );
  }

  accept(): void {
    const now = this.#clock.now().epochMilliseconds;
    this.#offsetMs = now - this.#monotonicMs();
    this.#latestMs = now;
    this.#fault = undefined;
  }

  #look(): void {
    const now = this.#clock.now().epochMilliseconds;
    if (now < this.#latestMs - CLOCK_BEHIND_LOG_MS_MAX) this.#fault ??= 'behindLog';
    if (Math.abs(now - this.#monotonicMs() - this.#offsetMs) > CLOCK_DIVERGENCE_MS_MAX)
      this.#fault ??= 'divergence';
    this.#latestMs = Math.max(this.#latestMs, now);
  }
}
