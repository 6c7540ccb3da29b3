import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dropOutOf,
  qualifies,
  selectCandidates,
  type CaseFacts,
} from '../../../src/collection/transfer/selection.js';
import type { TransferCriteria } from '../../../src/collection/transfer/round.js';

const TODAY = '2026-11-02';
const CRITERIA: TransferCriteria = {
  unpaidMin: 100_000,
  overdueDaysMin: 180,
  taxItems: ['001'],
  includesProtected: false,
  order: 'unpaid',
};

function facts(change: Partial<CaseFacts>): CaseFacts {
  return {
    caseId: 1n,
    caseNo: 'T1',
    addresseeNo: 'A1',
    lineCount: 2,
    unpaid: 100_000n,
    lateChargeFixed: 0n,
    fees: 0n,
    oldestDueOn: '2026-05-06',
    isProtected: false,
    ...change,
  };
}

describe('a case qualifies', () => {
  test.each([
    ['at the threshold, on the 180th day', {}, true],
    ['a yen below', { unpaid: 99_999n }, false],
    ['a day too early', { oldestDueOn: '2026-05-07' }, false],
    ['without a line', { lineCount: 0 }, false],
    ['under 支援措置', { isProtected: true }, false],
  ])('%s: %s', (_, change, expected) => {
    expect(qualifies(facts(change), CRITERIA, TODAY)).toBe(expected);
  });

  test('under 支援措置 when the round says so', () => {
    expect(qualifies(facts({ isProtected: true }), { ...CRITERIA, includesProtected: true }, TODAY)).toBe(
      true,
    );
  });
});

describe('the selection', () => {
  const three = [
    facts({ caseNo: 'T1', unpaid: 200_000n, oldestDueOn: '2026-01-05' }),
    facts({ caseNo: 'T2', unpaid: 300_000n, oldestDueOn: '2026-02-02' }),
    facts({ caseNo: 'T3', unpaid: 250_000n, oldestDueOn: '2024-06-30' }),
  ];

  test('takes the largest sums first, or the oldest, up to the quota', () => {
    const chosen = (order: TransferCriteria['order'], quota: number) =>
      selectCandidates(three, { criteria: { ...CRITERIA, order }, quota }, TODAY).candidates.map(
        ({ caseNo, rank }) => [caseNo, rank],
      );
    expect(chosen('unpaid', 2)).toEqual([
      ['T2', 1],
      ['T3', 2],
    ]);
    expect(chosen('oldest', 3)).toEqual([
      ['T3', 1],
      ['T1', 2],
      ['T2', 3],
    ]);
  });

  test('depends on no order of the facts, keeps to its quota, and takes the larger sums', () => {
    const one = fc.record({
      caseNo: fc.uuid(),
      unpaid: fc.bigInt({ min: 0n, max: 400_000n }),
      oldestDueOn: fc.constantFrom('2024-04-30', '2026-04-30', '2026-10-30'),
      isProtected: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ caseNo }) => caseNo }), fc.nat(10), (drawn, quota) => {
        const all = drawn.map(facts);
        const { candidates, qualified, examined } = selectCandidates(
          all,
          { criteria: CRITERIA, quota },
          TODAY,
        );
        const turned = selectCandidates(all.toReversed(), { criteria: CRITERIA, quota }, TODAY);
        expect(turned.candidates).toEqual(candidates);
        expect(candidates).toHaveLength(Math.min(quota, qualified));
        expect(examined).toBe(all.length);
        expect(candidates.every((each) => qualifies(each, CRITERIA, TODAY))).toBe(true);
        const left = all.filter(
          (each) =>
            qualifies(each, CRITERIA, TODAY) && !candidates.some(({ caseNo }) => caseNo === each.caseNo),
        );
        const least = candidates.at(-1)?.unpaid ?? 0n;
        expect(left.every(({ unpaid }) => candidates.length === 0 || unpaid <= least)).toBe(true);
      }),
    );
  });
});

test.each([
  ['nothing left', { unpaid: 0n, lineCount: 0 }, 'paidInFull'],
  ['only charges left', { unpaid: 0n, lineCount: 1 }, 'paidInFull'],
  ['a yen below the threshold', { unpaid: 99_999n, lineCount: 1 }, 'belowThreshold'],
  ['the threshold', { unpaid: 100_000n, lineCount: 1 }, null],
])('a chosen case with %s drops out as %s', (_, standing, expected) => {
  expect(dropOutOf(standing, CRITERIA)).toBe(expected);
  expect(dropOutOf(undefined, CRITERIA)).toBe('paidInFull');
});
