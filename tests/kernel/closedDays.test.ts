import { describe, expect, test } from 'vitest';
import { businessDaysAfter } from '../../src/kernel/closedDays.js';
import { plainDate } from '../../src/kernel/dates.js';

describe('business days after a day', () => {
  const holidays = new Set(['2026-11-03', '2026-11-23', '2027-01-01']);

  test.each([
    ['2026-11-02', 1, '2026-11-04', 'over 文化の日'],
    ['2026-10-30', 1, '2026-11-02', 'over a weekend'],
    ['2026-12-28', 1, '2027-01-04', 'over the turn of the year'],
    ['2026-11-01', 1, '2026-11-02', 'from a Sunday'],
    ['2026-11-02', 10, '2026-11-17', 'ten of them'],
    ['2026-11-03', 0, '2026-11-03', 'none: the day itself, also a closed one'],
  ])('%s and %i: %s, %s', (from, count, expected) => {
    expect(businessDaysAfter(plainDate(from), count, holidays).toString()).toBe(expected);
  });
});
