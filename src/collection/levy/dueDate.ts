import type { IsoDate, PlainDate } from '../../kernel/dates.js';

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

/**
 * 納期限: the nominal due date moved to the next open day. It drives late charge, reminder and limitation.
 * @param holidays days of the holiday table, ISO
 * @example effectiveDueDate(plainDate('2025-12-31'), holidays) // 2026-01-05
 */
export function effectiveDueDate(nominal: PlainDate, holidays: ReadonlySet<IsoDate>): PlainDate {
  let day = nominal;
  while (isClosedDay(day, holidays)) day = day.add({ days: 1 });
  return day;
}
