import fc from 'fast-check';
import { expect, test } from 'vitest';
import { doubled } from '../../src/worker/backoff.js';

test('a pause doubles with each failure, up to the longest', () => {
  expect([1, 2, 3, 4, 5, 6].map((failures) => doubled(250, failures, 5_000))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 5_000,
  ]);
});

test('a pause is never shorter than the first nor longer than the longest, however long it fails', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (failures) => {
      const pause = doubled(100, failures, 5_000);
      expect(pause).toBeGreaterThanOrEqual(100);
      expect(pause).toBeLessThanOrEqual(5_000);
    }),
  );
});
