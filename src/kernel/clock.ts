import { Temporal } from 'temporal-polyfill';
import { dayInJapan, type IsoDate } from './dates.js';

/** Where the time comes from. Tests hand in their own. */
export interface Clock {
  now(): Temporal.Instant;
}

let lastRead = Temporal.Instant.fromEpochMilliseconds(0);

/** The host's clock, to the millisecond. */
export const systemClock: Clock = {
  now: () => {
    const ms = Date.now();
    if (lastRead.epochMilliseconds !== ms) lastRead = Temporal.Instant.fromEpochMilliseconds(ms);
    return lastRead;
  },
};

const MS_PER_HOUR = 3_600_000;
/** Japan is whole hours from UTC, so that its day cannot change within an hour of UTC: the calendar is asked hourly. */
let hourAsked = { hour: Number.NaN, day: '' };

/** Today in Japan, ISO form. */
export function today(clock: Clock): IsoDate {
  const now = clock.now();
  const hour = Math.floor(now.epochMilliseconds / MS_PER_HOUR);
  if (hour !== hourAsked.hour) hourAsked = { hour, day: dayInJapan(now).toString() };
  return hourAsked.day;
}

/** The instant in UTC to the millisecond, `2026-11-22T03:41:50.123Z`. */
export function instantText(clock: Clock): string {
  return new Date(clock.now().epochMilliseconds).toISOString();
}

/** Seconds since the epoch, whole, as tokens count them. */
export function epochSeconds(clock: Clock): number {
  return Math.floor(clock.now().epochMilliseconds / 1000);
}
