import { Temporal } from 'temporal-polyfill';
import { dayInJapan, type IsoDate } from './dates.js';

/** Where the time comes from. Tests hand in their own. */
export interface Clock {
  now(): Temporal.Instant;
}

/** The host's clock. */
export const systemClock: Clock = { now: () => Temporal.Now.instant() };

/** Today in Japan, ISO form. */
export function today(clock: Clock): IsoDate {
  return dayInJapan(clock.now()).toString();
}

/** Seconds since the epoch, whole, as tokens count them. */
export function epochSeconds(clock: Clock): number {
  return Math.floor(clock.now().epochMilliseconds / 1000);
}
