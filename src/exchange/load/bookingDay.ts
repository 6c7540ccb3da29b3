import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { RECEIPT_DAY_MIN } from '../../kernel/limits.js';

/**
 * 収入日 for files whose header does not say it; today when none is handed in.
 * @throws KuramoriError BAD_INPUT when it is no day, before RECEIPT_DAY_MIN or after today
 */
export function bookingDay(given: IsoDate | undefined, today: IsoDate): IsoDate {
  if (given === undefined) return today;
  assertDay(given);
  if (given < RECEIPT_DAY_MIN || given > today) {
    throw badDay(`The day of booking must lie between ${RECEIPT_DAY_MIN} and today. Correct --booked-on.`);
  }
  return given;
}

/**
 * Money is not booked before it was paid.
 * @param lastPaidOn the latest 領収日 of the file, null when it has no receipt
 * @throws KuramoriError BAD_INPUT
 */
export function assertBookedAfter(bookedOn: IsoDate, lastPaidOn: IsoDate | null): void {
  if (lastPaidOn === null || lastPaidOn <= bookedOn) return;
  throw badDay('The file has receipts that were paid after the day of booking. Correct --booked-on.');
}

function assertDay(text: string): void {
  try {
    plainDate(text);
  } catch (cause) {
    throw badDay('The day of booking is no day of the calendar. Write --booked-on as YYYY-MM-DD.', cause);
  }
}

function badDay(sentence: string, cause?: unknown): KuramoriError {
  return new KuramoriError('BAD_INPUT', sentence, { field: 'bookedOn' }, { cause });
}
