import { expect, test } from 'vitest';
import { plainDate } from '../../../src/kernel/dates.js';
import { keptThrough } from '../../../src/reference/intermediary/record.js';

test.each([
  ['2026-11-02', '2033-11-02'],
  ['2028-02-29', '2035-02-28'],
  ['2025-02-28', '2032-02-28'],
])('a record of %s is kept through %s (handbook 11 §4.4)', (day, last) => {
  expect(keptThrough(plainDate(day)).toString()).toBe(last);
});
