import type { Book } from './book.js';
import { dayIn, type DayNo } from './days.js';
import type { Line } from './levies.js';
import type { Random } from './random.js';
import { ACTORS } from './staffList.js';

/** Days after the due date; the Act gives 20 (地方税法329条). */
const REMINDER_DAYS = 15;
/** 督促手数料 of the ordinance, and the due date from which it is abolished (handbook 03 §1, basis dueDate). */
const REMINDER_FEE = 100n;
const FEE_ABOLISHED_FROM = dayIn(2024, 4, 1);

/**
 * Sends the reminder of an unpaid line when its day has come, and levies the fee where it still exists.
 * @param paidFrom day from which the line counts as paid; none is sent from then on
 */
export function remind(book: Book, random: Random, line: Line, paidFrom?: DayNo): void {
  const sentOn = book.reference.calendar.openDay(line.dueOn + REMINDER_DAYS);
  if (line.reminded || sentOn > book.today || line.ledger.outstanding.tax <= 0n) return;
  if (paidFrom !== undefined && paidFrom <= sentOn) return;
  const changeId = book.change('reminders.send', sentOn, ACTORS.mandates, 'COLLECTION');
  const returnedOn = random.chance(25) && sentOn + 9 <= book.today ? sentOn + random.between(4, 9) : null;
  book.add('reminder', {
    id: book.next('reminder'),
    levy_id: line.id,
    sent_on: sentOn,
    returned_on: returnedOn,
    change_id: changeId,
  });
  line.reminded = true;
  if (line.dueOn >= FEE_ABOLISHED_FROM) return;
  book.add('levy_charge', {
    id: book.next('levy_charge'),
    levy_id: line.id,
    component: 'reminderFee',
    amount: REMINDER_FEE,
    decided_on: sentOn,
    reason: '督促状発付',
    change_id: changeId,
  });
  const { ledger } = line;
  line.ledger = {
    ...ledger,
    outstanding: { ...ledger.outstanding, reminderFee: ledger.outstanding.reminderFee + REMINDER_FEE },
  };
}
