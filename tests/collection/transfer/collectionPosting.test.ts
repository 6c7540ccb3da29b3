import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postCollection } from '../../../src/collection/transfer/collectionPosting.js';
import { postedTotal, postingRules, type LedgerLine } from '../../../src/collection/receipt/posting.js';
import { NOTHING } from '../../../src/collection/receipt/allocation.js';
import { RATES } from '../fixtures/rates.js';

const RULES = postingRules(RATES);

function line(outstanding: Partial<LedgerLine['outstanding']>): LedgerLine {
  return {
    levyId: 1n,
    addresseeNo: 'A1',
    dueOn: '2026-06-30',
    taxLevied: 40_000n,
    lateChargeLevied: 0n,
    outstanding: { ...NOTHING, tax: 40_000n, ...outstanding },
    taxHistory: [],
    stays: [],
  };
}

const NONE = { tax: 0n, lateCharge: 0n, fees: 0n, dispositionCost: 0n, collectedOn: '2026-12-01' };

describe('a collection in the ledger', () => {
  test('of a part of the tax fixes no late charge', () => {
    const { posting, dispositionCostLevied } = postCollection(line({}), { ...NONE, tax: 30_000n }, RULES);
    expect(posting).toMatchObject({
      resultClass: 'partial',
      applied: [{ component: 'tax', amount: 30_000n }],
      lateChargeFixed: 0n,
    });
    expect(dispositionCostLevied).toBe(0n);
  });

  test('of the whole tax fixes the late charge by our own rule, whatever was collected of it', () => {
    const alone = postCollection(line({}), { ...NONE, tax: 40_000n }, RULES);
    expect(alone.posting.lateChargeFixed).toBeGreaterThan(0n);
    const more = alone.posting.lateChargeFixed + 100n;
    const withCharge = postCollection(line({}), { ...NONE, tax: 40_000n, lateCharge: more }, RULES);
    expect(withCharge.posting.lateChargeFixed).toBe(more);
  });

  test('levies costs that arose there, and no more than is missing', () => {
    const row = { ...NONE, dispositionCost: 900n };
    expect(postCollection(line({ dispositionCost: 200n }), row, RULES).dispositionCostLevied).toBe(700n);
  });

  test('takes penalty after tax; what nothing takes is an overpayment', () => {
    const { posting } = postCollection(
      line({ tax: 10_000n, penalty: 500n }),
      { ...NONE, tax: 11_000n },
      RULES,
    );
    expect(posting.applied).toEqual([
      { component: 'tax', amount: 10_000n },
      { component: 'penalty', amount: 500n },
    ]);
    expect(posting.overpayment).toEqual({ cause: 'excess', amount: 500n });
  });

  test('every yen of it is applied or overpaid, and no component takes more than is owed or levied with it', () => {
    const yen = (max: bigint) => fc.bigInt({ min: 0n, max });
    const owed = fc.record({
      tax: yen(40_000n),
      reminderFee: yen(100n),
      lateCharge: yen(900n),
      penalty: yen(500n),
      dispositionCost: yen(500n),
    });
    const row = fc.record({
      tax: yen(50_000n),
      lateCharge: yen(2_000n),
      fees: yen(200n),
      dispositionCost: yen(900n),
    });
    fc.assert(
      fc.property(owed, row, (outstanding, drawn) => {
        const { posting, dispositionCostLevied } = postCollection(
          line(outstanding),
          { ...NONE, ...drawn },
          RULES,
        );
        expect(postedTotal(posting)).toBe(drawn.tax + drawn.lateCharge + drawn.fees + drawn.dispositionCost);
        const levied = {
          ...NOTHING,
          lateCharge: posting.lateChargeFixed,
          dispositionCost: dispositionCostLevied,
        };
        for (const { component, amount } of posting.applied)
          expect(amount).toBeLessThanOrEqual(outstanding[component] + levied[component]);
      }),
    );
  });
});
