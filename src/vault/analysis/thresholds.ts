import { z } from 'zod';
import { GRANT_UNUSED_LISTED_DAYS, REFUSALS_PERSON_HOUR_RAISED } from '../../kernel/limits.js';

const count = (max: number) => z.int().min(1).max(max);
/** `07:00`, Japan time. */
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/);

/** 基準値: from which on something is a hit. Every number of the rules is here, and none in them. */
export const thresholdsForm = z.strictObject({
  /** Begins at `from`, ends before `to`; closed days are out of hours altogether. */
  outOfHours: z.strictObject({ from: timeOfDay, to: timeOfDay }),
  /** More than `multiple` medians of the days with use within `baselineDays`, and at least `subjectsMin`. */
  volume: z.strictObject({ baselineDays: count(31), multiple: count(100), subjectsMin: count(10_000) }),
  withoutAction: z.strictObject({ hours: count(72) }),
  manyUnits: z.strictObject({ units: z.int().min(2).max(100) }),
  /** Within `minutes`: of one person, and of nobody known by one service or address. */
  refusedBursts: z.strictObject({ minutes: count(1440), refusals: count(1_000), unknown: count(100_000) }),
  unusedGrants: z.strictObject({ days: count(366) }),
  approverPairs: z.strictObject({ approvals: count(10_000) }),
  /** By one person on one day. */
  emptySearches: z.strictObject({ searches: count(1_000) }),
});

/** 基準値, as a run uses them. */
export type Thresholds = z.output<typeof thresholdsForm>;

/**
 * What holds until an officer enters something else, version 0. Handbook 11 §5 names the baseline of 30 days and its
 * triple, the 24 hours, the three units and the 90 days; 15 §3 the 22 hours at which sessions end, 15 §10 the refusals
 * of an hour. The others are ours: the lowest that still tells something.
 */
export const THRESHOLDS_AT_FOUNDING: Thresholds = {
  outOfHours: { from: '07:00', to: '22:00' },
  volume: { baselineDays: 30, multiple: 3, subjectsMin: 10 },
  withoutAction: { hours: 24 },
  manyUnits: { units: 3 },
  refusedBursts: { minutes: 60, refusals: REFUSALS_PERSON_HOUR_RAISED, unknown: 20 },
  unusedGrants: { days: GRANT_UNUSED_LISTED_DAYS },
  approverPairs: { approvals: 10 },
  emptySearches: { searches: 1 },
};
