import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reconcile, remainingOf, type LineAccount } from '../../../src/collection/transfer/reconciliation.js';

function line(change: Partial<LineAccount>): LineAccount {
  const account = {
    caseNo: 'T1',
    lineNo: 1,
    unpaidAtTransfer: 90_000n,
    paidHere: 0n,
    reduced: 0n,
    collected: 0n,
    endState: undefined,
    ...change,
  };
  return {
    ...account,
    ledgerRemaining: change.ledgerRemaining ?? remainingOf({ ...account, ledgerRemaining: 0n }),
  };
}

describe('the worked example: 130,000 unpaid in two lines', () => {
  const lines = [
    line({ collected: 90_000n, endState: 'paidInFull' }),
    line({ lineNo: 2, unpaidAtTransfer: 40_000n, paidHere: 15_000n, collected: 20_000n }),
  ];

  test('agrees to the yen', () => {
    expect(reconcile(lines, [{ resultId: 'r', collected: 111_500n, received: 111_500n }])).toEqual({
      transferred: 130_000n,
      paidHere: 15_000n,
      reduced: 0n,
      collectedTax: 110_000n,
      remaining: 5_000n,
      collected: 111_500n,
      received: 111_500n,
      differences: [],
    });
  });

  test.each([1n, -1n])('%s yen between collections and money is a difference', (yen) => {
    const results = [{ resultId: 'r', collected: 111_500n, received: 111_500n - yen }];
    expect(reconcile(lines, results).differences).toEqual([{ kind: 'money', resultId: 'r', yen }]);
  });

  test('a line that the ledger sees otherwise is a difference, by its number', () => {
    const odd = line({ lineNo: 7, collected: 1_000n, ledgerRemaining: 90_000n });
    expect(reconcile([odd], []).differences).toEqual([
      { kind: 'remaining', caseNo: 'T1', lineNo: 7, yen: -1_000n },
    ]);
  });

  test('完納 with something left is a difference', () => {
    const odd = line({ collected: 89_999n, endState: 'paidInFull' });
    expect(reconcile([odd], []).differences).toEqual([
      { kind: 'notPaidInFull', caseNo: 'T1', lineNo: 1, yen: 1n },
    ]);
  });
});

test('no yen is lost: what was transferred is paid here, reduced, collected or left', () => {
  const yen = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
  const account = fc.record({ unpaidAtTransfer: yen, paidHere: yen, reduced: yen, collected: yen });
  fc.assert(
    fc.property(fc.array(account), (drawn) => {
      const found = reconcile(
        drawn.map((each) => line(each)),
        [],
      );
      expect(found.paidHere + found.reduced + found.collectedTax + found.remaining).toBe(found.transferred);
      expect(found.differences).toEqual([]);
    }),
  );
});
