import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/demonstration/random.js';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uint32());

describe('seeded random numbers', () => {
  it('repeat for the same seed and name', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), fc.nat(), (seed, word, index) => {
        expect(draw(new Random(seed, word, index), 8)).toEqual(draw(new Random(seed, word, index), 8));
      }),
    );
  });

  it('differ between seeds, words and indexes', () => {
    const streams = [
      new Random(1, 'household', 1),
      new Random(2, 'household', 1),
      new Random(1, 'company', 1),
      new Random(1, 'household', 2),
    ];
    expect(new Set(streams.map((stream) => draw(stream, 4).join())).size).toBe(4);
  });

  it('differ for seeds that only differ above 32 bits', () => {
    expect(draw(new Random(1), 4)).not.toEqual(draw(new Random(1 + 2 ** 32), 4));
  });

  it('stay the same in later releases, so that a seed keeps its municipality', () => {
    expect(draw(new Random(1, 'household', 0), 3)).toEqual([2105921753, 378218257, 1762435558]);
  });

  it('stay within their bounds and reach both ends', () => {
    const random = new Random(7);
    const seen = new Set(Array.from({ length: 500 }, () => random.between(3, 6)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6]);
  });

  it('give amounts in whole steps', () => {
    const random = new Random(8);
    for (let count = 0; count < 200; count += 1) {
      const amount = random.yen(5_500, 40_000, 100);
      expect(amount % 100n).toBe(0n);
      expect(amount >= 5_500n && amount <= 40_000n).toBe(true);
    }
  });

  it('take weights in their proportion', () => {
    const random = new Random(9);
    const heavy = Array.from({ length: 4_000 }, () =>
      random.weighted([
        ['a', 3],
        ['b', 1],
      ] as const),
    ).filter((one) => one === 'a');
    expect(heavy.length).toBeGreaterThan(2_850);
    expect(heavy.length).toBeLessThan(3_150);
  });

  it('refuse an empty list', () => {
    expect(() => new Random(1).pick([])).toThrow('word list is empty');
  });
});
