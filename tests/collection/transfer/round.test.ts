import { describe, expect, test } from 'vitest';
import { roundConfiguration, roundDigest, roundNoOf } from '../../../src/collection/transfer/round.js';
import { ROUND } from './world.js';

describe('the configuration of a round', () => {
  test('is read, numbered and digested; the order of its members means nothing', () => {
    const read = roundConfiguration(ROUND);
    expect(roundNoOf(read)).toBe('2026-01');
    const turned = Object.fromEntries(Object.entries(ROUND).toReversed());
    expect(roundDigest(roundConfiguration(turned))).toBe(roundDigest(read));
    expect(roundDigest(read)).toMatch(/^sha256:[\w-]{43}$/);
  });

  test.each([
    ['quota', { quota: ROUND.quota + 1 }],
    ['criteria', { criteria: { ...ROUND.criteria, unpaidMin: 30_001 } }],
    ['basis', { basis: ['他の根拠'] }],
  ])('with another %s is another round to approve', (_, change) => {
    const digest = (value: object) => roundDigest(roundConfiguration(value));
    expect(digest({ ...ROUND, ...change })).not.toBe(digest(ROUND));
  });

  test.each([4, 6, 10])('needs no reason in month %s', (month) => {
    expect(roundConfiguration({ ...ROUND, month }).month).toBe(month);
  });

  test('outside the windows needs a reason, and is then as good as any', () => {
    expect(() => roundConfiguration({ ...ROUND, month: 7 })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', facts: { fields: ['outsideWindowReason'] } }),
    );
    const outsideWindowReason = '機構との協議により7月に実施';
    expect(roundConfiguration({ ...ROUND, month: 7, outsideWindowReason }).month).toBe(7);
  });

  test.each([
    ['quota', { quota: 0 }],
    ['month', { month: 13 }],
    ['basis', { basis: [] }],
    ['criteria.unpaidMin', { criteria: { ...ROUND.criteria, unpaidMin: 1.5 } }],
    ['noticeDays', { noticeDays: 3 }],
    ['configuration', { more: 1 }],
  ])('that is wrong in %s is refused by name, without its value', (field, change) => {
    expect(() => roundConfiguration({ ...ROUND, ...change })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', facts: { fields: [field] } }),
    );
  });
});
