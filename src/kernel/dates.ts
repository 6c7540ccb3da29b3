import { Temporal } from 'temporal-polyfill';
import { KuramoriError } from './errors.js';

export { Temporal };

/** A calendar day in ISO form, `2026-11-02`. The form in which days cross databases, files and GraphQL. */
export type IsoDate = string;

/** A day of the calendar without a time or a zone. */
export type PlainDate = Temporal.PlainDate;

/** The zone in which the law's days begin and end. */
export const JAPAN_TIME_ZONE = 'Asia/Tokyo';

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads an ISO day.
 * @throws KuramoriError BAD_INPUT when it is not a day of the calendar
 */
export function plainDate(text: IsoDate): PlainDate {
  if (!ISO_DATE.test(text)) throw new KuramoriError('BAD_INPUT', 'A date must be written YYYY-MM-DD.');
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch (cause) {
    throw new KuramoriError('BAD_INPUT', 'A date is not a day of the calendar.', {}, { cause });
  }
}

/** The day in Japan at an instant. */
export function dayInJapan(instant: Temporal.Instant): PlainDate {
  return instant.toZonedDateTimeISO(JAPAN_TIME_ZONE).toPlainDate();
}

/** Compares days for sorting. */
export function compareDates(a: PlainDate, b: PlainDate): number {
  return Temporal.PlainDate.compare(a, b);
}
