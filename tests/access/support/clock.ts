import type { Clock } from '../../../src/kernel/clock.js';
import { Temporal } from '../../../src/kernel/dates.js';

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  #now: Temporal.Instant;

  constructor(start: string) {
    this.#now = Temporal.Instant.from(start);
  }

  now(): Temporal.Instant {
    return this.#now;
  }

  set(instant: string): void {
    this.#now = Temporal.Instant.from(instant);
  }

  forward(duration: { hours?: number; minutes?: number; seconds?: number; milliseconds?: number }): void {
    this.#now = this.#now.add(duration);
  }
}
