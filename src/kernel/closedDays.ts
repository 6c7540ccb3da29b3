import type { IsoDate, PlainDate } from './dates.js';

const SATURDAY = 6;
const SUNDAY = 7;

/**
 * Whether offices and banks are closed: Saturday, Sunday, a holiday by law (祝日, 振替休日, 国民の休日), 29 December to
 * 3 January (地方税法20条の5②, 同法施行令6条の18; handbook 01 §3.1).
 * @param holidays days of the holiday table, ISO; the caller sees to it that the year is registered
 */
export function isClosedDay(day: PlainDate, holidays: ReadonlySet<IsoDate>): boolean {
  if (day.dayOfWeek === SATURDAY || day.dayOfWeek === SUNDAY) return true;
  if (day.month === 12 && day.day >= 29) return true;
  if (day.month === 1 && day.day <= 3) return true;
  return holidays.has(day.toString());
}

/** The day itself when it is open, otherwise the next open one. */
export function openDayFrom(first: PlainDate, holidays: ReadonlySet<IsoDate>): PlainDate {
  let day = first;
  while (isClosedDay(day, holidays)) day = day.add({ days: 1 });
  return day;
}

/**
 * The day that is so many business days (営業日) after a day, which itself does not count.
 * @param holidays days of the holiday table, ISO
 * @example businessDaysAfter(plainDate('2026-12-28'), 1, holidays) // 2027-01-04
 */
export function businessDaysAfter(from: PlainDate, count: number, holidays: ReadonlySet<IsoDate>): PlainDate {
  let day = from;
  for (let left = count; left > 0; left -= 1) day = openDayFrom(day.add({ days: 1 }), holidays);
  return day;
}
