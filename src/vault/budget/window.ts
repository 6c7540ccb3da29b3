import { dayInJapan, JAPAN_TIME_ZONE, Temporal } from '../../kernel/dates.js';
import { BUDGET_HOUR_MS, BUDGET_RETURN_STEP_MS } from '../../kernel/limits.js';
import type { VaultRule } from '../refusal.js';
import type { BudgetLimits } from './limits.js';

export type BudgetKind = 'reveal' | 'lookup';

/** Subjects that were asked for and stand against a budget. */
export interface Spent {
  /** Within the 60 minutes that end now. */
  readonly personHour: number;
  /** Since 00:00 in Japan. */
  readonly personDay: number;
  readonly unitDay: number;
}

/** One use of the person within the hour. */
export interface SpentAt {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly subjects: number;
}

/** Which limits a request of so many subjects would pass, the whole request or nothing of it. Pure. */
export function exceeded(
  kind: BudgetKind,
  subjects: number,
  spent: Spent,
  limits: BudgetLimits,
): readonly VaultRule[] {
  const hour = kind === 'reveal' ? limits.revealsPersonHour : limits.lookupsPersonHour;
  const rules: VaultRule[] = spent.personHour + subjects > hour ? ['budget-person-hour'] : [];
  if (kind === 'lookup') return rules;
  if (spent.personDay + subjects > limits.revealsPersonDay) rules.push('budget-person-day');
  if (spent.unitDay + subjects > limits.revealsUnitDay) rules.push('budget-unit-day');
  return rules;
}

/** The open end of the sliding hour `(t − 60 min, t]`. */
export function hourBegins(now: Temporal.Instant): Temporal.Instant {
  return now.subtract({ milliseconds: BUDGET_HOUR_MS });
}

/** 00:00 of the day in Japan. */
export function dayBegins(now: Temporal.Instant): Temporal.Instant {
  return dayInJapan(now).toZonedDateTime(JAPAN_TIME_ZONE).toInstant();
}

/**
 * When so many subjects fit again, rounded up to five minutes: an exact time would tell what others did. Nothing when
 * they never fit.
 * @param hour the person's uses of the last 60 minutes in order of time
 * @param hourLimit of subjects within 60 minutes
 * @param dayEnds whether the day's budget is spent as well
 */
export function capacityReturnsAt(
  now: Temporal.Instant,
  subjects: number,
  hour: readonly SpentAt[],
  hourLimit: number,
  dayEnds: boolean,
): Temporal.Instant | undefined {
  let inWindow = hour.reduce((sum, use) => sum + use.subjects, 0);
  let returnsMs = now.epochMilliseconds;
  for (const use of hour) {
    if (inWindow + subjects <= hourLimit) break;
    inWindow -= use.subjects;
    returnsMs = use.at + BUDGET_HOUR_MS;
  }
  if (inWindow + subjects > hourLimit) return undefined;
  const nextDayMs = dayEnds ? dayBegins(now).add({ hours: 24 }).epochMilliseconds : 0;
  const exactMs = Math.max(returnsMs, nextDayMs);
  return Temporal.Instant.fromEpochMilliseconds(
    Math.ceil(exactMs / BUDGET_RETURN_STEP_MS) * BUDGET_RETURN_STEP_MS,
  );
}
