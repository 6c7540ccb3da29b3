import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitIntoInstalments } from '../../src/demonstration/instalments.js';
import { sumYen } from '../../src/kernel/yen.js';

describe('instalments', () => {
  it.each([
    [100_000n, 4, 1_000n, [25_000n, 25_000n, 25_000n, 25_000n]],
    [101_500n, 4, 1_000n, [26_500n, 25_000n, 25_000n, 25_000n]],
    [3_900n, 4, 1_000n, [3_900n]],
    [12_345n, 12, 100n, [1_345n, ...Array.from({ length: 11 }, () => 1_000n)]],
  ])('of %s yen in %s are %s', (total, count, unit, expected) => {
    expect(splitIntoInstalments(total, count, unit)).toEqual(expected);
  });

  it('add up to the total; all but the first are equal whole units and none is larger than the first', () => {
    const amounts = fc.bigInt({ min: 1n, max: 10_000_000_000n });
    fc.assert(
      fc.property(
        amounts,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(100n, 1_000n),
        (total, count, unit) => {
          const [first = 0n, ...rest] = splitIntoInstalments(total, count, unit);
          expect(first + sumYen(rest)).toBe(total);
          expect(
            rest.every(
              (amount) => amount === rest[0] && amount % unit === 0n && amount > 0n && amount <= first,
            ),
          ).toBe(true);
          expect(rest.length === 0 || rest.length === count - 1).toBe(true);
        },
      ),
    );
  });
});
