import { minYen, sumYen, type Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import { dayIn, isoDay, type DayNo } from './days.js';
import type { Case } from './delinquency.js';
import { splitIntoInstalments } from './instalments.js';
import type { Line } from './levies.js';
import { Random } from './random.js';
import { receive, type Channel } from './receipts.js';

const COUNTER: Channel = { source: 'counter', channel: 'counter', matchRule: 'person' };
/** Reminder sent and its ten days passed. */
const PROMISABLE_DAYS = 45;
const UNIT: Yen = 1_000n;
const CANCELLED_AFTER_DAYS = 75;

interface Planned {
  readonly dueOn: DayNo;
  readonly amount: Yen;
}

/**
 * 分納誓約: an officer and a debtor agree to pay by the month; some keep it, some stop, and of some it is cancelled. Drawn
 * from a stream of its own, so that nothing else of the municipality depends on it.
 */
export function promise(book: Book, opened: Case, overdue: readonly Line[]): void {
  const random = new Random(book.seed, 'promise', opened.id);
  if (!random.chance(450)) return;
  const promisedOn = book.reference.calendar.openDay(opened.openedOn + random.between(15, 240));
  const lines = overdue.filter((line) => isPromisable(line, promisedOn));
  const amount = sumYen(lines.map(owedOf));
  if (promisedOn > book.today || amount < UNIT) return;
  const isWritten = random.chance(850);
  const id = addPromise(book, opened, lines, { promisedOn, amount, isWritten });
  const plan = addInstalments(
    book,
    id,
    promisedOn,
    splitIntoInstalments(amount, random.between(4, 18), UNIT),
  );
  if (isWritten) for (const line of lines) line.acknowledgedOn = promisedOn;
  const kept = random.chance(600) ? plan.length : random.below(plan.length);
  for (const each of plan.slice(0, kept)) pay(book, lines, each, random.below(6));
  const missed = plan[kept];
  if (missed !== undefined && random.chance(400)) cancel(book, opened, id, missed.dueOn);
}

/** Nothing was paid of it since, and it owes tax and perhaps the fee: what it owed then is what it owes now. */
function isPromisable({ dueOn, ledger }: Line, promisedOn: DayNo): boolean {
  const { tax, lateCharge, penalty, dispositionCost } = ledger.outstanding;
  return (
    tax > 0n &&
    lateCharge + penalty + dispositionCost === 0n &&
    dueOn + PROMISABLE_DAYS < promisedOn &&
    ledger.taxHistory.every(({ on }) => on < isoDay(promisedOn))
  );
}

const owedOf = ({ ledger }: Line): Yen => ledger.outstanding.tax + ledger.outstanding.reminderFee;

function addPromise(
  book: Book,
  { id: caseId, debtor, officerId }: Case,
  lines: readonly Line[],
  facts: { readonly promisedOn: DayNo; readonly amount: Yen; readonly isWritten: boolean },
): number {
  const id = book.next('instalment_promise');
  book.add('instalment_promise', {
    id,
    case_id: caseId,
    addressee_no: debtor.addresseeNo,
    promise_no: book.next(`promise ${debtor.addresseeNo}`),
    promised_on: facts.promisedOn,
    promised_by: '本人',
    form: facts.isWritten ? 'written' : 'oral',
    payments_acknowledge_all: facts.isWritten,
    amount: facts.amount,
    replaces_id: null,
    recorded_by: officerId,
    change_id: book.change('promise.register', facts.promisedOn, officerId, 'DELINQUENCY'),
  });
  for (const { id: levyId, ledger } of lines) {
    const { tax, reminderFee } = ledger.outstanding;
    const claim = { promise_id: id, levy_id: levyId };
    const paid_before = ledger.taxLevied - tax;
    const levied_before = ledger.taxLevied;
    book.add('promise_claim', { ...claim, component: 'tax', amount: tax, paid_before, levied_before });
    if (reminderFee > 0n) {
      const fee = { amount: reminderFee, paid_before: 0n, levied_before: reminderFee };
      book.add('promise_claim', { ...claim, component: 'reminderFee', ...fee });
    }
  }
  return id;
}

/** By the month's end, from the month after the promise on. */
function addInstalments(
  book: Book,
  promiseId: number,
  promisedOn: DayNo,
  amounts: readonly Yen[],
): readonly Planned[] {
  const [year = 0, month = 1] = isoDay(promisedOn).split('-').map(Number);
  return amounts.map((amount, at) => {
    const nominalDueOn = dayIn(year, month + at + 1, 0);
    const dueOn = book.reference.calendar.openDay(nominalDueOn);
    const instalment = { instalment_no: at + 1, nominal_due_on: nominalDueOn, due_on: dueOn, amount };
    book.add('promise_instalment', { promise_id: promiseId, ...instalment });
    return { dueOn, amount };
  });
}

/** At the counter, some days before the due date: the oldest line first. */
function pay(book: Book, lines: readonly Line[], { dueOn, amount }: Planned, daysBefore: number): void {
  const paidOn = dueOn - daysBefore;
  const receivedOn = book.reference.calendar.openDay(paidOn);
  if (receivedOn > book.today) return;
  let left = amount;
  for (const line of lines) {
    const taxAmount = minYen(left, owedOf(line));
    if (taxAmount <= 0n) continue;
    receive(book, line, { taxAmount, lateCharge: 0n, paidOn, receivedOn, by: COUNTER, bankCode: null });
    left -= taxAmount;
  }
}

function cancel(book: Book, { officerId }: Case, promiseId: number, missedOn: DayNo): void {
  const endedOn = book.reference.calendar.openDay(missedOn + CANCELLED_AFTER_DAYS);
  if (endedOn > book.today) return;
  book.add('promise_end', {
    promise_id: promiseId,
    kind: 'cancelled',
    ended_on: endedOn,
    reason: '再三の催告にもかかわらず履行がないため',
    change_id: book.change('promise.cancel', endedOn, officerId, 'DELINQUENCY'),
  });
}
