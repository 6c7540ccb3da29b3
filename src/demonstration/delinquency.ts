import { sumYen, type Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import { isoDay, type DayNo } from './days.js';
import type { Line } from './levies.js';
import type { Habit } from './payer.js';
import { promise } from './promises.js';
import type { Random } from './random.js';
import { settled } from './receipts.js';
import { seize } from './dispositions.js';
import { ACTORS } from './staffList.js';
import { stayOrWriteOff } from './stays.js';
import { CASE_CLOSING_REASONS, CONTACTS } from './words/delinquency.js';

/** Somebody whose ledger is kept: number, collection district, habit. */
export interface Debtor {
  readonly addresseeNo: string;
  readonly district: string;
  readonly habit: Habit;
}

/** 滞納事案 in the making. */
export interface Case {
  readonly id: number;
  readonly debtor: Debtor;
  readonly officerId: string;
  readonly openedOn: DayNo;
}

const OPEN_AMOUNT_MIN: Yen = 15_000n;
const CONTACTS_MAX = 14;

/** Opens a case for a debtor with enough overdue and does what an officer does: contacts, seizure, stay, closing. */
export function pursue(book: Book, random: Random, debtor: Debtor, lines: readonly Line[]): void {
  const reminded = lines.filter((line) => line.reminded);
  const overdue = reminded.filter((line) => line.ledger.outstanding.tax > 0n);
  const first = reminded[0];
  if (first === undefined) return;
  const owing = sumYen(overdue.map((line) => line.ledger.outstanding.tax));
  const paidUp =
    overdue.length === 0 && reminded.length >= 3 && debtor.habit !== 'reliable' && random.chance(700);
  if (owing < OPEN_AMOUNT_MIN && !paidUp) return;
  const openedOn = book.reference.calendar.openDay(earliestDue(overdue, first) + random.between(45, 150));
  if (openedOn > book.today) return;
  const opened = openCase(book, debtor, openedOn);
  const lastContact = contacts(book, random, opened);
  if (debtor.habit === 'insolvent') stayOrWriteOff(book, random, opened, overdue);
  else if (!paidUp && random.chance(350)) seize(book, random, opened, overdue);
  else promise(book, opened, overdue);
  if (overdue.every(settled) && lines.every((line) => settled(line) || line.dueOn > book.today)) {
    closeCase(book, random, opened, lastContact);
  }
}

function earliestDue(overdue: readonly Line[], first: Line): DayNo {
  return overdue.reduce((earliest, line) => Math.min(earliest, line.dueOn), overdue[0]?.dueOn ?? first.dueOn);
}

function openCase(book: Book, debtor: Debtor, openedOn: DayNo): Case {
  const id = book.next('delinquency_case');
  const officerId = officerOf(debtor.district);
  book.add('delinquency_case', {
    id,
    case_no: `T${isoDay(openedOn).slice(0, 4)}-${String(id).padStart(6, '0')}`,
    addressee_no: debtor.addresseeNo,
    officer_id: officerId,
    district: debtor.district,
    opened_on: openedOn,
    change_id: book.change('case.open', openedOn, officerId, 'DELINQUENCY'),
  });
  return { id, debtor, officerId, openedOn };
}

/** Each district has its officer. */
function officerOf(district: string): string {
  const districts = ['中央', '北部', '東部', '倉沢', '湊'];
  return (
    ACTORS.officers[Math.max(districts.indexOf(district), 0) % ACTORS.officers.length] ?? ACTORS.officers[0]
  );
}

function contacts(book: Book, random: Random, opened: Case): DayNo {
  const { calendar } = book.reference;
  let day = opened.openedOn;
  let last = day;
  const methods = Object.keys(CONTACTS) as (keyof typeof CONTACTS)[];
  for (let count = random.between(2, CONTACTS_MAX); count > 0 && day <= book.today; count -= 1) {
    last = day;
    const method = random.pick(methods);
    const [counterpart, said] = random.pick<readonly [string, string]>(CONTACTS[method]);
    const nextOn = calendar.openDay(day + random.between(7, 45));
    const twoDigits = (number: number) => String(number).padStart(2, '0');
    const clock = `${twoDigits(random.between(9, 19))}:${twoDigits(random.below(12) * 5)}:00+09`;
    book.add('contact_record', {
      id: book.next('contact_record'),
      case_id: opened.id,
      addressee_no: opened.debtor.addresseeNo,
      contacted_at: `${isoDay(day)} ${clock}`,
      method,
      counterpart,
      summary: said.replace('{}', monthDay(nextOn)),
      next_action_on: random.chance(700) ? nextOn : null,
      recorded_by: opened.officerId,
      change_id: book.change('contact.record', day, opened.officerId, 'DELINQUENCY'),
    });
    day = calendar.openDay(nextOn + random.below(20));
  }
  return last;
}

/** As officers write it: 7月18日. */
function monthDay(day: DayNo): string {
  const [, month, date] = isoDay(day).split('-').map(Number);
  return `${month}月${date}日`;
}

function closeCase(book: Book, random: Random, opened: Case, after: DayNo): void {
  const closedOn = book.reference.calendar.openDay(after + random.between(5, 40));
  if (closedOn > book.today) return;
  book.add('case_closing', {
    case_id: opened.id,
    closed_on: closedOn,
    reason: random.pick(CASE_CLOSING_REASONS),
    change_id: book.change('case.close', closedOn, opened.officerId, 'DELINQUENCY'),
  });
}
