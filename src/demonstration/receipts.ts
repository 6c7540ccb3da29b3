import { lateCharge } from '../collection/charge/lateCharge.js';
import { isSettled, postSlip, type Posting } from '../collection/receipt/posting.js';
import { plainDate } from '../kernel/dates.js';
import type { Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import { isoDay, type DayNo } from './days.js';
import type { Line } from './levies.js';
import { ACTORS } from './staffList.js';

/** How the money came (handbook 01 §4.1). */
export interface Channel {
  readonly source:
    | 'receiptPlain'
    | 'receiptMpn'
    | 'receiptPayroll'
    | 'convenience'
    | 'elqr'
    | 'directDebit'
    | 'counter'
    | 'manual'
    | 'disposition';
  readonly channel: string;
  readonly matchRule: 'paymentNo' | 'levyKey' | 'noticeNo' | 'payrollKey' | 'person' | 'none';
}

/** One paid slip. */
export interface Slip {
  readonly taxAmount: Yen;
  readonly lateCharge: Yen;
  readonly paidOn: DayNo;
  readonly receivedOn: DayNo;
  readonly by: Channel;
  readonly bankCode: string | null;
  readonly wrongInstalment?: boolean;
}

/** Money to give back. */
export interface Overpaid {
  readonly id: number;
  readonly line: Line;
  readonly amount: Yen;
  readonly aroseOn: DayNo;
}

/** What a slip became. */
export interface Received {
  readonly receiptId: number;
  readonly resultClass: Posting['resultClass'];
  readonly overpaid: Overpaid | undefined;
}

/** Enters a slip that was matched to its line, with all that follows from it by the rules of posting. */
export function receive(book: Book, line: Line, slip: Slip): Received {
  const changeId = receiptChange(book, slip.receivedOn);
  const receiptId = addReceipt(book, line, slip, changeId);
  const plain = isPlain(line, slip);
  const posting = plain ? plainPosting(line, slip) : rulePosting(book, line, slip);
  if (plain) line.settledBy = { receiptId, paidOn: slip.paidOn, receivedOn: slip.receivedOn };
  if (posting.lateChargeFixed > 0n) {
    book.add('levy_charge', {
      id: book.next('levy_charge'),
      levy_id: line.id,
      component: 'lateCharge',
      amount: posting.lateChargeFixed,
      decided_on: slip.receivedOn,
      reason: '本税完納による延滞金確定',
      change_id: changeId,
    });
  }
  for (const { component, amount } of posting.applied) {
    addAllocation(book, line, { component, amount, receiptId, offsetId: null, on: slip.paidOn, changeId });
  }
  const overpaid =
    posting.overpayment === undefined
      ? undefined
      : addOverpayment(book, line, { ...posting.overpayment, receiptId, aroseOn: slip.paidOn, changeId });
  return { receiptId, resultClass: posting.resultClass, overpaid };
}

/** The late charge a slip reissued for this day would carry, in yen. */
export function chargeOn(book: Book, line: Line, paidOn: DayNo): Yen {
  if (paidOn <= line.dueOn) return 0n;
  const { ledger } = line;
  const input = {
    tax: ledger.taxLevied,
    dueOn: plainDate(ledger.dueOn),
    paidOn: plainDate(isoDay(paidOn)),
    earlierPayments: ledger.taxHistory.map(({ on, amount }) => ({ on: plainDate(on), amount })),
  };
  return (
    lateCharge(input, book.postingRules.rates, book.postingRules.profile).charge - ledger.lateChargeLevied
  );
}

/** Enters the receipt row; without a line for money that nothing explains. */
export function addReceipt(
  book: Book,
  line: Line | undefined,
  slip: Slip,
  changeId: number,
  reversesId: number | null = null,
): number {
  const id = book.next('receipt');
  const printed =
    line !== undefined && slip.by.source !== 'receiptPayroll' && slip.by.source !== 'disposition';
  book.add('receipt', {
    id,
    source: slip.by.source,
    tax_item: line?.itemCode ?? null,
    levy_fiscal_year: line?.year ?? null,
    instalment_no: line?.instalmentNo ?? null,
    notice_no: printed ? line.noticeNo : null,
    billed_amount: printed ? line.ledger.taxLevied : null,
    tax_amount: slip.taxAmount,
    late_charge_amount: slip.lateCharge,
    collecting_bank: slip.bankCode,
    channel: slip.by.channel,
    paid_on: slip.paidOn,
    received_on: slip.receivedOn,
    booked_on: slip.receivedOn,
    addressee_no: line?.addresseeNo ?? null,
    levy_id: line?.id ?? null,
    match_rule: slip.by.matchRule,
    reverses_id: reversesId,
    change_id: changeId,
  });
  return id;
}

/** What an allocation row says. */
interface AllocationFacts {
  readonly component: string;
  readonly amount: Yen;
  readonly receiptId: number | null;
  readonly offsetId: number | null;
  readonly on: DayNo;
  readonly changeId: number;
}

/** Enters an allocation (消込). */
export function addAllocation(book: Book, line: Line, facts: AllocationFacts): void {
  book.add('allocation', {
    id: book.next('allocation'),
    levy_id: line.id,
    component: facts.component,
    amount: facts.amount,
    receipt_id: facts.receiptId,
    offset_id: facts.offsetId,
    effective_on: facts.on,
    change_id: facts.changeId,
  });
}

/** What an overpayment row says. */
interface OverpaymentFacts {
  readonly cause: string;
  readonly amount: Yen;
  readonly receiptId: number;
  readonly aroseOn: DayNo;
  readonly changeId: number;
}

/** Enters an overpayment (過誤納金). */
export function addOverpayment(book: Book, line: Line, facts: OverpaymentFacts): Overpaid {
  const id = book.next('overpayment');
  book.add('overpayment', {
    id,
    addressee_no: line.addresseeNo,
    levy_id: line.id,
    receipt_id: facts.receiptId,
    cause: facts.cause,
    amount: facts.amount,
    arose_on: facts.aroseOn,
    change_id: facts.changeId,
  });
  return { id, line, amount: facts.amount, aroseOn: facts.aroseOn };
}

/** The change that the load of a day's receipts is entered under. */
export function receiptChange(book: Book, receivedOn: DayNo): number {
  return book.change('receipts.load', receivedOn, ACTORS.receipts, 'COLLECTION');
}

/** Takes tax off what is outstanding, without a payment: offset, write-off. */
export function reduceTax(line: Line, amount: Yen): void {
  const { ledger } = line;
  line.ledger = { ...ledger, outstanding: { ...ledger.outstanding, tax: ledger.outstanding.tax - amount } };
}

/** In time and exact: by far the most, and the posting is plain. The rule says the same; a test compares. */
function isPlain(line: Line, slip: Slip): boolean {
  const { tax, reminderFee, lateCharge: charge, penalty, dispositionCost } = line.ledger.outstanding;
  return (
    slip.paidOn <= line.dueOn &&
    slip.wrongInstalment !== true &&
    slip.lateCharge === 0n &&
    tax > 0n &&
    slip.taxAmount === tax &&
    line.ledger.taxHistory.length === 0 &&
    reminderFee + charge + penalty + dispositionCost === 0n
  );
}

function plainPosting(line: Line, slip: Slip): Posting {
  const { ledger } = line;
  line.ledger = {
    ...ledger,
    outstanding: { ...ledger.outstanding, tax: 0n },
    taxHistory: [{ on: isoDay(slip.paidOn), amount: slip.taxAmount }],
  };
  return {
    resultClass: 'settled',
    applied: [{ component: 'tax', amount: slip.taxAmount }],
    lateChargeFixed: 0n,
    overpayment: undefined,
  };
}

function rulePosting(book: Book, line: Line, slip: Slip): Posting {
  const { taxAmount, lateCharge: charge, paidOn, wrongInstalment = false } = slip;
  const posted = postSlip(
    line.ledger,
    { taxAmount, lateCharge: charge, paidOn: isoDay(paidOn), wrongInstalment },
    book.postingRules,
  );
  line.ledger = posted.line;
  return posted.posting;
}

/** Whether nothing of the line is left to pay. */
export function settled(line: Line): boolean {
  return isSettled(line.ledger.outstanding);
}
