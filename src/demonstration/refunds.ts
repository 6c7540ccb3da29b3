import { minYen, type Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import type { Line } from './levies.js';
import type { Random } from './random.js';
import { addAllocation, reduceTax, type Overpaid } from './receipts.js';
import { ACTORS } from './staffList.js';

/**
 * 充当, then 還付: an overpayment goes first to the person's oldest due and unpaid line of the same legal family
 * (17条の2; handbook 04 §2), the rest is proposed, decided by another person and paid, as far as today allows.
 */
export function giveBack(book: Book, random: Random, lines: readonly Line[], overpaid: Overpaid): void {
  const { calendar } = book.reference;
  const handledOn = calendar.openDay(overpaid.aroseOn + random.between(14, 40));
  if (handledOn > book.today || random.chance(40)) return;
  const offset = offsetAgainst(book, lines, overpaid, handledOn);
  const rest = overpaid.amount - offset;
  if (rest > 0n) refund(book, random, overpaid, rest, handledOn);
}

function offsetAgainst(book: Book, lines: readonly Line[], overpaid: Overpaid, bookedOn: DayNo): Yen {
  const target = lines
    .filter(
      (line) => line.ledger.outstanding.tax > 0n && line.dueOn < bookedOn && sameFamily(line, overpaid.line),
    )
    .toSorted((a, b) => a.dueOn - b.dueOn || a.id - b.id)[0];
  if (target === undefined) return 0n;
  const amount = minYen(overpaid.amount, target.ledger.outstanding.tax);
  const readyOn = Math.max(target.dueOn, overpaid.aroseOn);
  const changeId = book.change('offset.book', bookedOn, ACTORS.refunds[0], 'REFUND');
  const id = book.next('offset_entry');
  book.add('offset_entry', {
    id,
    overpayment_id: overpaid.id,
    levy_id: target.id,
    amount,
    offset_ready_on: readyOn,
    booked_on: bookedOn,
    change_id: changeId,
  });
  addAllocation(book, target, {
    component: 'tax',
    amount,
    receiptId: null,
    offsetId: id,
    on: readyOn,
    changeId,
  });
  reduceTax(target, amount);
  return amount;
}

/** Taxes and premiums never pay each other. */
function sameFamily(a: Line, b: Line): boolean {
  return (a.item === 'nhiPremium') === (b.item === 'nhiPremium');
}

function refund(book: Book, random: Random, overpaid: Overpaid, amount: Yen, proposedOn: DayNo): void {
  const { calendar, today } = { calendar: book.reference.calendar, today: book.today };
  const proposedBy = random.pick(ACTORS.refunds);
  const id = proposeRefund(book, overpaid, { amount, proposedBy, proposedOn });
  const decidedOn = calendar.openDay(proposedOn + random.between(1, 8));
  if (decidedOn > today || random.chance(30)) return;
  const rejected = random.chance(30);
  const decidedBy = random.pick(ACTORS.deciders);
  decideRefund(book, id, { outcome: rejected ? 'rejected' : 'approved', decidedBy, decidedOn });
  const paidOn = calendar.openDay(decidedOn + random.between(14, 45));
  if (rejected || paidOn > today || random.chance(50)) return;
  book.add('refund_payment', {
    refund_id: id,
    paid_on: paidOn,
    change_id: book.change('refund.pay', paidOn, ACTORS.refunds[1], 'REFUND'),
  });
}

/** 起案. @returns 還付番号 */
export function proposeRefund(
  book: Book,
  overpaid: Overpaid,
  proposal: { readonly amount: Yen; readonly proposedBy: string; readonly proposedOn: DayNo },
): number {
  const { amount, proposedBy, proposedOn } = proposal;
  const id = book.next('refund');
  book.add('refund', {
    id,
    overpayment_id: overpaid.id,
    addressee_no: overpaid.line.addresseeNo,
    amount,
    proposed_by: proposedBy,
    proposed_on: proposedOn,
    reason: '過誤納金の還付',
    change_id: book.change('refund.propose', proposedOn, proposedBy, 'REFUND'),
  });
  return id;
}

/** 決裁. */
export function decideRefund(
  book: Book,
  refundId: number,
  decision: {
    readonly outcome: 'approved' | 'rejected';
    readonly decidedBy: string;
    readonly decidedOn: DayNo;
  },
): void {
  const { outcome, decidedBy, decidedOn } = decision;
  book.add('refund_decision', {
    refund_id: refundId,
    outcome,
    decided_by: decidedBy,
    decided_on: decidedOn,
    reason: outcome === 'rejected' ? '充当先の確認が必要なため差戻し' : '起案のとおり決定',
    change_id: book.change('refund.decide', decidedOn, decidedBy, 'REFUND'),
  });
}
