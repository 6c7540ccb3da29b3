import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Temporal } from '../../../src/kernel/dates.js';
import { BUDGET_LIMITS_DEFAULT } from '../../../src/vault/budget/limits.js';
import { capacityReturnsAt, dayBegins, exceeded, hourBegins } from '../../../src/vault/budget/window.js';
import { at } from '../staff/support/register.js';

const spent = (personHour: number, personDay = personHour, unitDay = personDay) => ({
  personHour,
  personDay,
  unitDay,
});

test('a request is refused whole when it passes any limit, and told each', () => {
  const reveal = (...used: Parameters<typeof spent>) =>
    exceeded('reveal', 1, spent(...used), BUDGET_LIMITS_DEFAULT);
  expect(reveal(19)).toEqual([]);
  expect(reveal(20)).toEqual(['budget-person-hour']);
  expect(reveal(0, 59)).toEqual([]);
  expect(reveal(0, 60)).toEqual(['budget-person-day']);
  expect(reveal(0, 0, 199)).toEqual([]);
  expect(reveal(20, 60, 200)).toEqual(['budget-person-hour', 'budget-person-day', 'budget-unit-day']);
});

test('198 of 200 of a unit used and 3 asked: refused, all or nothing (§6.5)', () => {
  expect(exceeded('reveal', 3, spent(0, 0, 198), BUDGET_LIMITS_DEFAULT)).toEqual(['budget-unit-day']);
  expect(exceeded('reveal', 2, spent(0, 0, 198), BUDGET_LIMITS_DEFAULT)).toEqual([]);
});

test('lookups have a limit of their own, of the hour alone', () => {
  expect(exceeded('lookup', 1, spent(59, 500, 500), BUDGET_LIMITS_DEFAULT)).toEqual([]);
  expect(exceeded('lookup', 1, spent(60), BUDGET_LIMITS_DEFAULT)).toEqual(['budget-person-hour']);
});

test('the hour is the last 60 minutes, the day begins at 00:00 in Japan', () => {
  expect(hourBegins(at('2026-11-02T01:00:00Z')).toString()).toBe('2026-11-02T00:00:00Z');
  expect(dayBegins(at('2026-11-02T14:59:59.999Z')).toString()).toBe('2026-11-01T15:00:00Z');
  expect(dayBegins(at('2026-11-02T15:00:00Z')).toString()).toBe('2026-11-02T15:00:00Z');
});

describe('when capacity returns', () => {
  const now = at('2026-11-02T00:59:59Z');
  const uses = [
    { at: at('2026-11-02T00:03:20Z').epochMilliseconds, subjects: 10 },
    { at: at('2026-11-02T00:40:00Z').epochMilliseconds, subjects: 10 },
  ];
  const returns = (subjects: number, dayEnds = false, limit = 20) =>
    capacityReturnsAt(now, subjects, uses, limit, dayEnds)?.toString();

  test('is when enough of the hour has passed, rounded up to five minutes', () => {
    expect(returns(1)).toBe('2026-11-02T01:05:00Z');
    expect(returns(10)).toBe('2026-11-02T01:05:00Z');
    expect(returns(11)).toBe('2026-11-02T01:40:00Z');
    expect(returns(20)).toBe('2026-11-02T01:40:00Z');
  });

  test('is the next day in Japan when the day is spent', () => {
    expect(returns(1, true)).toBe('2026-11-02T15:00:00Z');
    expect(capacityReturnsAt(now, 1, [], 20, true)?.toString()).toBe('2026-11-02T15:00:00Z');
  });

  test('is never when more is asked than the limit', () => {
    expect(returns(21)).toBeUndefined();
    expect(returns(1, false, 0)).toBeUndefined();
  });

  test('is a time at which it really fits, at most five minutes late', () => {
    const use = fc.record({
      agoMs: fc.integer({ min: 0, max: 3_599_999 }),
      subjects: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 12 }), fc.integer({ min: 1, max: 20 }), (list, asked) => {
        const hour = list
          .map(({ agoMs, subjects }) => ({ at: now.epochMilliseconds - agoMs, subjects }))
          .toSorted((a, b) => a.at - b.at);
        const found = capacityReturnsAt(now, asked, hour, 20, false)!.epochMilliseconds;
        const inWindowAt = (ms: number) =>
          hour.filter((each) => each.at > ms - 3_600_000).reduce((sum, each) => sum + each.subjects, 0);
        expect(inWindowAt(found) + asked).toBeLessThanOrEqual(20);
        const early = found - 300_000;
        if (early >= now.epochMilliseconds) expect(inWindowAt(early) + asked).toBeGreaterThan(20);
        expect(Temporal.Instant.fromEpochMilliseconds(found).toString()).toMatch(/:[0-5][05]:00Z$/);
      }),
    );
  });
});
