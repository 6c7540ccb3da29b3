import type { Book } from './book.js';
import { dayIn, dayNo, isoDay, type DayNo } from './days.js';
import type { Case } from './delinquency.js';
import type { Line } from './levies.js';
import type { Random } from './random.js';
import { ACTORS } from './staffList.js';
import { writeOff, type Extinguished } from './writeOffs.js';

type Ground = 'noProperty' | 'livingInDistress' | 'whereaboutsUnknown';

const GROUNDS: readonly (readonly [Ground, number])[] = [
  ['noProperty', 45],
  ['livingInDistress', 35],
  ['whereaboutsUnknown', 20],
];
const STAY_YEARS = 3;
const STAYABLE_DAYS = 30;
/** News of a payment from before the extinction is waited for (handbook 01 §4.2). */
const PENDING_DAYS = 21;
const PREMIUM_LIMITATION_YEARS = 2;
/** Days from the due date to the day from which limitation runs anew: reminder sent, ten days passed. */
const LIMITATION_START_DAYS = 32;

/** 執行停止 of what cannot be collected, and 不納欠損 when the claim has ended by it (handbook 03 §6). */
export function stayOrWriteOff(book: Book, random: Random, opened: Case, overdue: readonly Line[]): void {
  const decidedOn = book.reference.calendar.openDay(opened.openedOn + random.between(20, 160));
  const ground = random.weighted(GROUNDS);
  const immediate = ground === 'noProperty' && random.chance(300);
  const extinguishedOn = yearsAfter(decidedOn, STAY_YEARS) + 1;
  const stayed: Extinguished[] = [];
  for (const line of overdue) {
    const isStayed = line.dueOn + STAYABLE_DAYS < decidedOn && decidedOn <= book.today;
    if (!isStayed) continue;
    const stayId = stay(book, random, opened, line, ground, decidedOn);
    if (stayId !== undefined) stayed.push({ line, stayId, on: immediate ? null : extinguishedOn });
  }
  if (immediate) writeOff(book, 'immediate', decidedOn, stayed);
  else writeOff(book, 'stayThreeYears', extinguishedOn + PENDING_DAYS, stayed);
}

/**
 * 時効完成 of premiums: two years after the reminder or the last payment the claim has ended, whoever owes it, unless a
 * seizure keeps it alive (handbook 03 §7). Taxes shown here are younger than their five years.
 */
export function writeOffLimited(book: Book, lines: readonly Line[]): void {
  for (const line of lines) {
    if (line.item !== 'nhiPremium' || !line.reminded || line.seized || line.ledger.outstanding.tax <= 0n)
      continue;
    const lastPaid = line.ledger.taxHistory.reduce((latest, { on }) => Math.max(latest, dayNo(on)), 0);
    const extinguishedOn = yearsAfter(
      Math.max(line.dueOn + LIMITATION_START_DAYS, lastPaid + 1, (line.acknowledgedOn ?? 0) + 1),
      PREMIUM_LIMITATION_YEARS,
    );
    writeOff(book, 'limitation', extinguishedOn + PENDING_DAYS, [{ line, stayId: null, on: extinguishedOn }]);
  }
}

/** @returns the number of the stay, unless it was cancelled since (15条の8) */
function stay(
  book: Book,
  random: Random,
  opened: Case,
  line: Line,
  ground: Ground,
  decidedOn: DayNo,
): number | undefined {
  const id = book.next('execution_stay');
  book.add('execution_stay', {
    id,
    levy_id: line.id,
    addressee_no: opened.debtor.addresseeNo,
    ground,
    decided_on: decidedOn,
    change_id: book.change('stay.decide', decidedOn, ACTORS.deciders[0], 'DELINQUENCY'),
  });
  const cancelledOn = book.reference.calendar.openDay(decidedOn + random.between(120, 500));
  if (!random.chance(80) || cancelledOn > book.today) return id;
  book.add('stay_cancellation', {
    stay_id: id,
    cancelled_on: cancelledOn,
    reason: '就職により資力回復',
    change_id: book.change('stay.cancel', cancelledOn, ACTORS.deciders[0], 'DELINQUENCY'),
  });
  return undefined;
}

/** The corresponding day some years later, or the month's last. */
function yearsAfter(day: DayNo, years: number): DayNo {
  const [year = 0, month = 1, date = 1] = isoDay(day).split('-').map(Number);
  return dayIn(year + years, month, date);
}
