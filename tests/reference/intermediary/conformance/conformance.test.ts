import { describe, expect, test } from 'vitest';
import { conforms, GROUPS } from './suite.js';

describe('over HTTP/2', () => {
  conforms('HTTP/2');
});

test('what is of one transport alone is of what that is made of', () => {
  const alone = GROUPS.flatMap(([, cases]) => cases.filter(({ only }) => only !== undefined));
  expect(alone.every(({ no }) => (no > 100 && no < 200) || (no > 1200 && no < 1300))).toBe(true);
});

test('the cases are numbered, at least 60, and no number stands twice', () => {
  const numbers = GROUPS.flatMap(([, cases]) => cases.map(({ no }) => no));
  expect(numbers.length).toBeGreaterThanOrEqual(60);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
});
