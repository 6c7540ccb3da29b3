import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTHING } from '../../../src/collection/receipt/allocation.js';
import {
  isSettled,
  postedTotal,
  postingRules,
  postSlip,
  type LedgerLine,
  type MatchedSlip,
} from '../../../src/collection/receipt/posting.js';
import { sumYen } from '../../../src/kernel/yen.js';
import { RATES } from '../fixtures/rates.js';

const RULES = postingRules(RATES);

function line(change: Partial<LedgerLine> = {}): LedgerLine {
  return {
    levyId: 1n,
    addresseeNo: '1000001',
    dueOn: '2024-12-25',
    taxLevied: 98_700n,
    lateChargeLevied: 0n,
    outstanding: { ...NOTHING, tax: 98_700n },
    taxHistory: [],
    stays: [],
    ...change,
  };
}

function slip(taxAmount: bigint, paidOn = '2024-12-25', rest: Partial<MatchedSlip> = {}): MatchedSlip {
  return { taxAmount, lateCharge: 0n, paidOn, wrongInstalment: false, ...rest };
}

describe('a slip', () => {
  test('paid exactly and in time settles its line', () => {
    const { posting, line: after } = postSlip(line(), slip(98_700n), RULES);
    expect(posting).toEqual({
      resultClass: 'settled',
      applied: [{ component: 'tax', amount: 98_700n }],
      lateChargeFixed: 0n,
      overpayment: undefined,
    });
    expect(isSettled(after.outstanding)).toBe(true);
  });

  test('paid late in full fixes the late charge of handbook 02 §4 no. 2, which stays owed', () => {
    const { posting, line: after } = postSlip(line(), slip(98_700n, '2025-03-10'), RULES);
    expect(posting).toMatchObject({ resultClass: 'partial', lateChargeFixed: 1_200n });
    expect(after).toMatchObject({ lateChargeLevied: 1_200n, outstanding: { tax: 0n, lateCharge: 1_200n } });
  });

  test('that brings tax and late charge settles both', () => {
    const { posting } = postSlip(line(), slip(98_700n, '2025-03-10', { lateCharge: 1_200n }), RULES);
    expect(posting).toMatchObject({
      resultClass: 'settled',
      lateChargeFixed: 1_200n,
      overpayment: undefined,
    });
  });

  test('with a late charge that is not owed leaves an excess', () => {
    const { posting } = postSlip(line(), slip(98_700n, '2024-12-20', { lateCharge: 1_200n }), RULES);
    expect(posting).toMatchObject({ resultClass: 'over', overpayment: { cause: 'excess', amount: 1_200n } });
  });

  test('in part leaves the charge open until the tax is paid (02 §5 P1)', () => {
    const parts = [
      [50_000n, '2023-10-20'],
      [45_500n, '2024-03-29'],
      [34_500n, '2024-10-31'],
    ] as const;
    let at = line({ dueOn: '2023-07-31', taxLevied: 130_000n, outstanding: { ...NOTHING, tax: 130_000n } });
    const fixed = parts.map(([amount, on]) => {
      const posted = postSlip(at, slip(amount, on), RULES);
      at = posted.line;
      return posted.posting.lateChargeFixed;
    });
    expect(fixed).toEqual([0n, 0n, 6_600n]);
  });

  test('that arrives after a later payment gives the same charge as in the order of payment', () => {
    const start = line({
      dueOn: '2023-07-31',
      taxLevied: 130_000n,
      outstanding: { ...NOTHING, tax: 130_000n },
    });
    const late = postSlip(start, slip(34_500n, '2024-10-31'), RULES).line;
    const middle = postSlip(late, slip(45_500n, '2024-03-29'), RULES).line;
    expect(postSlip(middle, slip(50_000n, '2023-10-20'), RULES).posting.lateChargeFixed).toBe(6_600n);
  });

  test('bears no late charge for days of a stay of execution', () => {
    const stayed = line({
      dueOn: '2023-06-30',
      taxLevied: 260_000n,
      outstanding: { ...NOTHING, tax: 260_000n },
      stays: [{ from: '2024-01-10', to: '2024-12-31' }],
    });
    expect(postSlip(stayed, slip(260_000n, '2025-06-30'), RULES).posting.lateChargeFixed).toBe(21_700n);
    const open = { ...stayed, stays: [{ from: '2023-07-01', to: null }] };
    expect(postSlip(open, slip(260_000n, '2025-06-30'), RULES).posting.lateChargeFixed).toBe(0n);
  });

  test('does not levy again what was levied already', () => {
    const levied = line({
      lateChargeLevied: 1_200n,
      outstanding: { ...NOTHING, tax: 98_700n, lateCharge: 1_200n },
    });
    expect(postSlip(levied, slip(98_700n, '2025-03-10'), RULES).posting.lateChargeFixed).toBe(0n);
  });

  test('for a settled line is a double payment', () => {
    const settled = line({ outstanding: NOTHING });
    expect(postSlip(settled, slip(98_700n), RULES).posting).toMatchObject({
      resultClass: 'doublePayment',
      applied: [],
      overpayment: { cause: 'doublePayment', amount: 98_700n },
    });
  });

  test('of the wrong instalment is set apart whole', () => {
    expect(
      postSlip(line(), slip(98_700n, '2024-10-01', { wrongInstalment: true }), RULES).posting,
    ).toMatchObject({
      resultClass: 'mistakenSlip',
      applied: [],
      overpayment: { cause: 'mistakenSlip', amount: 98_700n },
    });
  });
});

test('whatever slips come, every yen is applied or overpaid once and nothing is taken twice', () => {
  const anySlip = fc.record({
    taxAmount: fc.bigInt({ min: 0n, max: 60_000n }),
    lateCharge: fc.bigInt({ min: 1n, max: 3_000n }),
    day: fc.integer({ min: 0, max: 700 }),
    wrongInstalment: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(anySlip, { maxLength: 6 }),
      fc.bigInt({ min: 0n, max: 300n }),
      (slips, reminderFee) => {
        let at = line({ outstanding: { ...NOTHING, tax: 98_700n, reminderFee } });
        for (const { day, ...one } of slips) {
          const paidOn = new Date(Date.UTC(2024, 11, 1) + day * 86_400_000).toISOString().slice(0, 10);
          const before = sumYen(Object.values(at.outstanding));
          const { posting, line: after } = postSlip(at, { ...one, paidOn }, RULES);
          expect(postedTotal(posting)).toBe(one.taxAmount + one.lateCharge);
          const applied = sumYen(posting.applied.map(({ amount }) => amount));
          expect(sumYen(Object.values(after.outstanding))).toBe(before + posting.lateChargeFixed - applied);
          for (const amount of Object.values(after.outstanding)) expect(amount).toBeGreaterThanOrEqual(0n);
          at = after;
        }
      },
    ),
  );
});
