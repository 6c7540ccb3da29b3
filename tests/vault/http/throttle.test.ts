import { expect, test } from 'vitest';
import { Throttle } from '../../../src/vault/http/throttle.js';

test('a name takes its burst at once, then what it earns, and never saves more than a burst', () => {
  let now = 0;
  const throttle = new Throttle({ burst: 3, perSecond: 2 }, () => now);
  const take = (count: number) => Array.from({ length: count }, () => throttle.take('a'));
  expect(take(4)).toEqual([true, true, true, false]);
  now = 499;
  expect(take(1)).toEqual([false]);
  now = 1_000;
  expect(take(3)).toEqual([true, true, false]);
  now = 1_000_000;
  expect(take(4)).toEqual([true, true, true, false]);
  expect(throttle.take('b')).toBe(true);
});

test('the clock is its own', () => {
  expect(new Throttle({ burst: 1, perSecond: 0.001 }).take('a')).toBe(true);
});
