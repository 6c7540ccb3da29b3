import type { Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import type { Line } from './levies.js';
import type { Random } from './random.js';
import { addAllocation, addOverpayment, type Overpaid } from './receipts.js';
import { ACTORS } from './staffList.js';

const BEFORE_PER_THOUSAND = 6;
const AFTER_PER_THOUSAND = 6;
const DECREASE_REASONS = [
  '所得更正による減額',
  '申告による控除の追加',
  '減免決定',
  '課税客体の滅失',
  '資格喪失による減額',
] as const;
const INCREASE_REASONS = ['申告漏れによる増額', '所得更正による増額', '評価替えの修正'] as const;
const HUNDRED = 100n;

/** 更正 before the instalment is due: more often down than up. */
export function correctBeforePayment(book: Book, random: Random, lines: readonly Line[]): void {
  if (lines.length === 0 || !random.chance(BEFORE_PER_THOUSAND)) return;
  const line = random.pick(lines);
  const decidedOn = book.reference.calendar.openDay(line.dueOn - random.between(22, 40));
  if (decidedOn > book.today) return;
  const down = random.chance(750);
  const delta = share(line.ledger.taxLevied, random.between(10, down ? 100 : 40));
  if (delta > 0n)
    adjust(
      book,
      line,
      down ? -delta : delta,
      decidedOn,
      random.pick(down ? DECREASE_REASONS : INCREASE_REASONS),
    );
}

/**
 * 過納: a decrease after payment. What was allocated in excess is taken out of the receipt's allocation and stands as an
 * overpayment of the same receipt; the last paid instalment goes first (handbook 04 §3).
 */
export function correctAfterPayment(book: Book, random: Random, lines: readonly Line[]): Overpaid[] {
  if (!random.chance(AFTER_PER_THOUSAND)) return [];
  const line = lines.findLast(({ settledBy }) => settledBy !== undefined);
  if (line?.settledBy === undefined) return [];
  const { receiptId, receivedOn, paidOn } = line.settledBy;
  const decidedOn = book.reference.calendar.openDay(receivedOn + random.between(20, 150));
  const delta = share(line.ledger.taxLevied, random.between(20, 100));
  if (decidedOn > book.today || delta <= 0n) return [];
  const changeId = adjust(book, line, -delta, decidedOn, random.pick(DECREASE_REASONS));
  addAllocation(book, line, {
    component: 'tax',
    amount: -delta,
    receiptId,
    offsetId: null,
    on: paidOn,
    changeId,
  });
  const { ledger } = line;
  line.ledger = { ...ledger, outstanding: { ...ledger.outstanding, tax: ledger.outstanding.tax + delta } };
  return [
    addOverpayment(book, line, {
      cause: 'overassessed',
      amount: delta,
      receiptId,
      aroseOn: decidedOn,
      changeId,
    }),
  ];
}

function adjust(book: Book, line: Line, delta: Yen, decidedOn: DayNo, reason: string): number {
  const changeId = book.change('levies.adjust', decidedOn, ACTORS.taxes, 'ASSESSMENT');
  book.add('levy_adjustment', {
    id: book.next('levy_adjustment'),
    levy_id: line.id,
    tax_delta: delta,
    reason,
    decided_on: decidedOn,
    notified_on: decidedOn + 3,
    change_id: changeId,
  });
  const { ledger } = line;
  line.ledger = {
    ...ledger,
    taxLevied: ledger.taxLevied + delta,
    outstanding: { ...ledger.outstanding, tax: ledger.outstanding.tax + delta },
  };
  return changeId;
}

/** A percentage of an amount, in hundreds of yen unless it is the whole. */
function share(amount: Yen, percent: number): Yen {
  return percent === 100 ? amount : ((amount * BigInt(percent)) / 100n / HUNDRED) * HUNDRED;
}
