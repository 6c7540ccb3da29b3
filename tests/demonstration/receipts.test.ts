import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postSlip } from '../../src/collection/receipt/posting.js';
import { isoDay } from '../../src/demonstration/days.js';
import { levy } from '../../src/demonstration/levies.js';
import { Random } from '../../src/demonstration/random.js';
import { receive, type Slip } from '../../src/demonstration/receipts.js';
import { emptyBook } from './support.js';

const BY = { source: 'receiptPlain', channel: 'ocr', matchRule: 'levyKey' } as const;

function oneLine(total: bigint) {
  const book = emptyBook();
  const [line] = levy(book, new Random(1), {
    item: 'lightVehicleTax',
    year: 2026,
    addresseeNo: '0000000001',
    total,
  });
  if (line === undefined) throw new Error('no line was levied');
  return { book, line };
}

describe('receipts of the demonstration', () => {
  it('enter what the rule of posting says, whatever is paid and when', () => {
    const days = fc.integer({ min: -40, max: 140 });
    fc.assert(
      fc.property(
        fc.bigInt({ min: 100n, max: 900_000n }),
        fc.bigInt({ min: 1n, max: 900_000n }),
        fc.boolean(),
        days,
        (total, other, exact, late) => {
          const { book, line } = oneLine(total);
          const taxAmount = exact ? total : other;
          const paidOn = line.dueOn + late;
          const slip: Slip = {
            taxAmount,
            lateCharge: 0n,
            paidOn,
            receivedOn: paidOn + 5,
            by: BY,
            bankCode: '0981',
          };
          const rule = postSlip(
            line.ledger,
            { taxAmount, lateCharge: 0n, paidOn: isoDay(paidOn), wrongInstalment: false },
            book.postingRules,
          );
          const received = receive(book, line, slip);
          const rows = book.take();
          expect(received.resultClass).toBe(rule.posting.resultClass);
          expect(line.ledger).toEqual(rule.line);
          expect(rows.allocation.map(({ component, amount }) => ({ component, amount }))).toEqual(
            rule.posting.applied,
          );
          const over = rows.overpayment.map(({ cause, amount }) => ({ cause, amount }));
          expect(over).toEqual(rule.posting.overpayment === undefined ? [] : [rule.posting.overpayment]);
          expect(rows.levy_charge.map(({ amount }) => amount)).toEqual(
            rule.posting.lateChargeFixed > 0n ? [rule.posting.lateChargeFixed] : [],
          );
        },
      ),
    );
  });

  it('set a second payment apart as double', () => {
    const { book, line } = oneLine(10_800n);
    const slip: Slip = {
      taxAmount: 10_800n,
      lateCharge: 0n,
      paidOn: line.dueOn,
      receivedOn: line.dueOn + 5,
      by: BY,
      bankCode: null,
    };
    expect(receive(book, line, slip).resultClass).toBe('settled');
    expect(receive(book, line, slip).overpaid).toMatchObject({ amount: 10_800n, aroseOn: line.dueOn });
  });
});
