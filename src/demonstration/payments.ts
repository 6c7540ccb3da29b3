import type { Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import { isoDay, type DayNo } from './days.js';
import type { Line } from './levies.js';
import { someConduct, type Conduct, type Payer } from './payer.js';
import type { Random } from './random.js';
import {
  addAllocation,
  addReceipt,
  chargeOn,
  receiptChange,
  receive,
  type Channel,
  type Overpaid,
  type Slip,
} from './receipts.js';
import { remind } from './reminders.js';
import { ACTORS } from './staffList.js';

const SLIP_CHANNELS: readonly (readonly [Channel, number])[] = [
  [{ source: 'receiptPlain', channel: 'ocr', matchRule: 'levyKey' }, 26],
  [{ source: 'receiptPlain', channel: 'keyed', matchRule: 'noticeNo' }, 2],
  [{ source: 'convenience', channel: 'convenience', matchRule: 'levyKey' }, 38],
  [{ source: 'elqr', channel: 'elqr', matchRule: 'paymentNo' }, 20],
  [{ source: 'receiptMpn', channel: 'atm', matchRule: 'paymentNo' }, 6],
  [{ source: 'receiptMpn', channel: 'internet', matchRule: 'paymentNo' }, 6],
  [{ source: 'counter', channel: 'counter', matchRule: 'person' }, 2],
];
const DEBIT: Channel = { source: 'directDebit', channel: 'directDebit', matchRule: 'levyKey' };
const PAYROLL: Channel = { source: 'receiptPayroll', channel: 'ocr', matchRule: 'payrollKey' };
const UNKNOWN: Channel = { source: 'receiptPlain', channel: 'keyed', matchRule: 'none' };

/** Pays a notice's lines, or does not, as the payer is used to. */
export function payNotice(book: Book, random: Random, payer: Payer, lines: readonly Line[]): Overpaid[] {
  const overpaid: Overpaid[] = [];
  const firstDue = lines[0]?.dueOn ?? book.today;
  lines.forEach((line, at) => {
    if (line.ledger.outstanding.tax <= 0n) return;
    const conduct = someConduct(random, payer.habit);
    const next = lines[at + 1];
    const visit = { book, random, payer, line, dueOn: payer.prepays ? firstDue : line.dueOn };
    if (conduct === 'wrongSlip' && at > 0 && next !== undefined && sameTax(line, next))
      overpaid.push(...payWithNextSlip(visit, next));
    else overpaid.push(...payLine(visit, conduct));
  });
  return overpaid;
}

interface Visit {
  readonly book: Book;
  readonly random: Random;
  readonly payer: Payer;
  readonly line: Line;
  /** The day until which the payer means to pay. */
  readonly dueOn: DayNo;
}

function payLine(visit: Visit, conduct: Conduct): Overpaid[] {
  const { book, random, line } = visit;
  const tax = line.ledger.outstanding.tax;
  switch (conduct) {
    case 'onTime':
    case 'wrongSlip':
      return paid(visit, inTime(visit), tax);
    case 'over':
      return paid(visit, inTime(visit), tax + random.pick([100n, 1_000n, 10_000n]));
    case 'double': {
      const again = random.between(2, 25);
      return [...paid(visit, inTime(visit), tax), ...paid(visit, inTime(visit) + again, tax)];
    }
    case 'late':
      remind(book, random, line);
      return payLate(visit);
    case 'part': {
      const share = (tax * BigInt(random.between(2, 8))) / 10n;
      const before = random.chance(400) ? paid(visit, inTime(visit), share) : [];
      remind(book, random, line);
      return before.length > 0 || line.ledger.outstanding.tax < tax
        ? before
        : paid(visit, line.dueOn + random.between(25, 160), share);
    }
    case 'missing':
      remind(book, random, line);
      return [];
    case 'unidentified':
      payWithoutKey(visit);
      return [];
    case 'mistakenEntry':
      return payAfterMistake(visit);
  }
}

/** A day before the due date on which people pay; for direct debit the due date itself. */
function inTime({ random, payer, dueOn }: Visit): DayNo {
  return payer.habit === 'debit' || payer.habit === 'withheld' ? dueOn : dueOn - random.below(20);
}

/** Enters the slip unless the payment, or the news of it, lies after today. */
function paid(visit: Visit, paidOn: DayNo, tax: Yen, charge: Yen = 0n): Overpaid[] {
  const slip = slipOf(visit, paidOn, tax, charge);
  if (slip === undefined) return [];
  const { overpaid } = receive(visit.book, visit.line, slip);
  return overpaid === undefined ? [] : [overpaid];
}

function slipOf(visit: Visit, paidOn: DayNo, tax: Yen, charge: Yen): Slip | undefined {
  const { book, random, payer } = visit;
  const receivedOn = book.reference.calendar.openDay(paidOn + 3 + random.below(8));
  if (receivedOn > book.today || tax + charge <= 0n) return undefined;
  const by = channelOf(visit, paidOn);
  return {
    taxAmount: tax,
    lateCharge: charge,
    paidOn,
    receivedOn,
    by,
    bankCode: by.source === 'counter' ? null : payer.bankCode,
  };
}

function channelOf({ random, payer, line }: Visit, paidOn: DayNo): Channel {
  if (line.item === 'residentTaxPayroll') return PAYROLL;
  const automatic = payer.habit === 'debit' || payer.habit === 'withheld';
  return automatic && paidOn === line.dueOn ? DEBIT : random.weighted(SLIP_CHANNELS);
}

/** After the reminder: tax and fee, and of two payers one with a slip that shows the late charge. */
function payLate(visit: Visit): Overpaid[] {
  const { book, random, line } = visit;
  const paidOn = line.dueOn + random.between(22, 120);
  if (paidOn > book.today) return [];
  const charge = random.chance(500) ? chargeOn(book, line, paidOn) : 0n;
  return paid(visit, paidOn, line.ledger.outstanding.tax + line.ledger.outstanding.reminderFee, charge);
}

/** 期別誤り: pays this instalment with the next one's slip. Offset moves the money, its day is kept (handbook 01 §4.3). */
function payWithNextSlip(visit: Visit, next: Line): Overpaid[] {
  const { book, line } = visit;
  const slip = slipOf({ ...visit, line: next }, inTime(visit), line.ledger.outstanding.tax, 0n);
  if (slip === undefined) return [];
  const { overpaid } = receive(book, next, { ...slip, wrongInstalment: true });
  if (overpaid === undefined) return [];
  return [overpaid];
}

function sameTax(line: Line, next: Line): boolean {
  return (
    next.ledger.taxLevied === line.ledger.taxLevied && next.ledger.outstanding.tax === next.ledger.taxLevied
  );
}

/** A keyed slip whose key cannot be read: unidentified first, assigned by a clerk weeks later (handbook 01 §4.1 ④). */
function payWithoutKey(visit: Visit): void {
  const { book, random, line } = visit;
  const { tax } = line.ledger.outstanding;
  const slip = slipOf(visit, inTime(visit), tax, 0n);
  if (slip === undefined) return remind(book, random, line);
  const changeId = receiptChange(book, slip.receivedOn);
  const receiptId = addReceipt(book, undefined, { ...slip, by: UNKNOWN }, changeId);
  const entry = { receipt_id: receiptId, amount: tax };
  const reason = random.pick(['noMatch', 'ambiguous', 'keyMismatch']);
  book.add('unidentified_entry', {
    id: book.next('unidentified_entry'),
    ...entry,
    reason,
    change_id: changeId,
  });
  const assignedOn = book.reference.calendar.openDay(slip.receivedOn + random.between(5, 60));
  remind(book, random, line, assignedOn);
  if (assignedOn > book.today) return;
  const assignedBy = book.change('receipt.assign', assignedOn, ACTORS.receipts, 'COLLECTION');
  book.add('unidentified_entry', {
    id: book.next('unidentified_entry'),
    ...entry,
    amount: -tax,
    reason: 'assigned',
    change_id: assignedBy,
  });
  addAllocation(book, line, {
    component: 'tax',
    amount: tax,
    receiptId,
    offsetId: null,
    on: slip.paidOn,
    changeId: assignedBy,
  });
  const { ledger } = line;
  line.ledger = {
    ...ledger,
    outstanding: { ...ledger.outstanding, tax: 0n },
    taxHistory: [{ on: isoDay(slip.paidOn), amount: tax }],
  };
}

/** A clerk enters another amount by hand, reverses it the next day, and the right one follows. */
function payAfterMistake(visit: Visit): Overpaid[] {
  const { book, random, line } = visit;
  const paidOn = inTime(visit);
  const enteredOn = book.reference.calendar.openDay(paidOn + 1);
  const undoneOn = book.reference.calendar.openDay(enteredOn + 1);
  const part = line.ledger.outstanding.tax / 2n;
  if (undoneOn > book.today || part <= 0n) return paid(visit, paidOn, line.ledger.outstanding.tax);
  const by: Channel = { source: 'manual', channel: 'counter', matchRule: 'person' };
  const slip: Slip = { taxAmount: part, lateCharge: 0n, paidOn, receivedOn: enteredOn, by, bankCode: null };
  const before = line.ledger;
  const { receiptId } = receive(book, line, slip);
  const changeId = book.change('receipt.reverse', undoneOn, random.pick(ACTORS.deciders), 'COLLECTION');
  const undone = { ...slip, taxAmount: -part, receivedOn: undoneOn };
  const reversal = addReceipt(book, line, undone, changeId, receiptId);
  addAllocation(book, line, {
    component: 'tax',
    amount: -part,
    receiptId: reversal,
    offsetId: null,
    on: paidOn,
    changeId,
  });
  line.ledger = before;
  return paid(visit, paidOn, before.outstanding.tax);
}
