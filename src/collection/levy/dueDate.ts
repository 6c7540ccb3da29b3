import { openDayFrom } from '../../kernel/closedDays.js';
import type { IsoDate, PlainDate } from '../../kernel/dates.js';

/**
 * 納期限: the nominal due date moved to the next open day. It drives late charge, reminder and limitation.
 * @param holidays days of the holiday table, ISO
 * @example effectiveDueDate(plainDate('2025-12-31'), holidays) // 2026-01-05
 */
export function effectiveDueDate(nominal: PlainDate, holidays: ReadonlySet<IsoDate>): PlainDate {
  return openDayFrom(nominal, holidays);
}
