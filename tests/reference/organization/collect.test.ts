import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectionOf, Owed, stateOf, type Collection } from '../../../src/reference/organization/collect.js';
import type { PaymentDeltaLine } from '../../../src/protocol/transfer/deltas.js';
import { ledgerLine } from '../../protocol/transfer/support.js';

const yen = fc.bigInt(0n, 10_000_000n);

describe('simulated collections', () => {
  test('are the same for the same line and period', () => {
    const line = ledgerLine('A-1', 1, 50_000n);
    const owed = new Owed([], []);
    expect(collectionOf(line, owed, '2026-11-30')).toEqual(collectionOf(line, owed, '2026-11-30'));
  });

  test('never exceed what is owed over all periods, and take charges and fees once', () => {
    fc.assert(
      fc.property(yen, fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }), (unpaid, months) => {
        const line = ledgerLine('A-1', 1, unpaid);
        const rows: Collection[] = [];
        for (const month of months) {
          const until = `2027-${String(month).padStart(2, '0')}-28`;
          const row = collectionOf(line, new Owed([], rows), until);
          if (row === undefined) continue;
          expect(row.amount).toBe(row.tax + row.lateCharge + row.fees + row.dispositionCost);
          rows.push(row);
        }
        expect(rows.reduce((sum, { tax }) => sum + tax, 0n)).toBeLessThanOrEqual(unpaid);
        expect(rows.filter(({ fees }) => fees > 0n).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('leave what the municipality has told of by deltas', () => {
    const line = ledgerLine('A-1', 1, 1_000n);
    const paid = (tax: bigint, kind: PaymentDeltaLine['kind']) => ({
      packageId: '0193b1d0-0000-7000-8000-000000000001',
      deltaNo: 1,
      sentAt: '2026-11-01T00:00:00Z',
      lines: [
        {
          caseNo: 'A-1',
          lineNo: 1,
          receivedOn: '2026-10-31',
          tax,
          lateCharge: 0n,
          fees: 0n,
          unpaid: 0n,
          kind,
        },
      ],
    });
    expect(new Owed([paid(400n, 'PAID')], []).of(line)).toBe(600n);
    expect(new Owed([paid(1_400n, 'PAID')], []).of(line)).toBe(0n);
    expect(new Owed([paid(400n, 'PAID'), paid(400n, 'REVERSED')], []).of(line)).toBe(1_000n);
  });

  test('end in a state of the handbook (13 §7)', () => {
    expect(stateOf('A-1', 0n, '2026-11-30', true).state).toBe('PAID_IN_FULL');
    expect(stateOf('A-1', 1n, '2026-11-30', false).state).toBe('CONTINUED');
    const ends = new Set(
      ['A-1', 'A-2', 'A-3', 'A-4', 'A-5', 'A-6', 'A-7', 'A-8'].map(
        (one) => stateOf(one, 1n, '2026-11-30', true).state,
      ),
    );
    expect(ends).toEqual(new Set(['RETURNED', 'SUSPENSION_FIT', 'WRITE_OFF_FIT']));
  });
});
