import type { Temporal } from '../../kernel/dates.js';
import { systemClock, type Clock } from '../../kernel/clock.js';

/** The host's clock, unless a test has set another time; then time stands still until it is set again. */
export class SettableClock implements Clock {
  #standing: Temporal.Instant | undefined;

  now(): Temporal.Instant {
    return this.#standing ?? systemClock.now();
  }

  /** @param instant to stand at; undefined to go on with the host */
  set(instant: Temporal.Instant | undefined): void {
    this.#standing = instant;
  }
}
