import { isClosedDay } from '../../../kernel/closedDays.js';
import type { Session } from '../../../kernel/database/database.js';
import { plainDate, type IsoDate, type PlainDate } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { PAYMENT_DAYS_AHEAD_MAX } from '../../../kernel/limits.js';
import { readHolidays } from '../../evidence/incident/incident.store.js';

/**
 * 振込指定日: a day on which office and banks are open (handbook 20 §8), not past, at most PAYMENT_DAYS_AHEAD_MAX days
 * ahead: the file says no year.
 * @throws KuramoriError BAD_INPUT; CONFLICT while the holidays of that year are not entered
 */
export async function assertPayDay(session: Session, payOn: IsoDate, today: IsoDate): Promise<PlainDate> {
  const day = plainDate(payOn);
  const ahead = plainDate(today).until(day).days;
  if (ahead < 0 || ahead > PAYMENT_DAYS_AHEAD_MAX)
    throw badDay(`must be one of today and the ${PAYMENT_DAYS_AHEAD_MAX} days that follow`);
  const holidays = await readHolidays(session);
  if (![...holidays].some((holiday) => holiday.startsWith(`${payOn.slice(0, 4)}-`))) {
    throw new KuramoriError(
      'CONFLICT',
      'The holidays of the year of the payment are not known. Enter them by kuramori evidence enter holidays.',
      { rule: 'holidays' },
    );
  }
  if (isClosedDay(day, holidays)) throw badDay('must be one on which the banks are open');
  return day;
}

function badDay(fault: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The day of the payment ${fault}. Choose another.`, {
    field: 'payOn',
  });
}
