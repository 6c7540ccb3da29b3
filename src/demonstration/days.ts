import { effectiveDueDate } from '../collection/levy/dueDate.js';
import { isClosedDay } from '../kernel/closedDays.js';
import { plainDate, Temporal, type IsoDate, type PlainDate } from '../kernel/dates.js';

/**
 * A day as a count of days since 1970-01-01. Millions of days are added and compared while the demonstration is made;
 * a count does that without an object each. It is turned to `PlainDate` and ISO text at the edges.
 */
export type DayNo = number;

const EPOCH = Temporal.PlainDate.from('1970-01-01');
const texts = new Map<DayNo, IsoDate>();

/** The count of a day in ISO form. */
export function dayNo(day: IsoDate): DayNo {
  return plainDate(day).since(EPOCH).days;
}

/** The day of a year and month; 0 or a day past the month's end is the month's last day. */
export function dayIn(year: number, month: number, day: number): DayNo {
  const first = Temporal.PlainDate.from({
    year: year + Math.floor((month - 1) / 12),
    month: ((month - 1) % 12) + 1,
    day: 1,
  });
  const wanted = day === 0 ? first.daysInMonth : Math.min(day, first.daysInMonth);
  return first.with({ day: wanted }).since(EPOCH).days;
}

/** The day as `PlainDate`. */
export function plainDay(day: DayNo): PlainDate {
  return EPOCH.add({ days: day });
}

/** The day in ISO form. */
export function isoDay(day: DayNo): IsoDate {
  let text = texts.get(day);
  if (text === undefined) {
    text = plainDay(day).toString();
    texts.set(day, text);
  }
  return text;
}

/** Open and closed days (handbook 01 §3.1), each day looked up once. */
export class OfficeCalendar {
  readonly #holidays: ReadonlySet<IsoDate>;
  readonly #openDays = new Map<DayNo, DayNo>();

  constructor(holidays: ReadonlySet<IsoDate>) {
    this.#holidays = holidays;
  }

  /** The day itself when open, else the next open day. */
  openDay(day: DayNo): DayNo {
    let open = this.#openDays.get(day);
    if (open === undefined) {
      open = effectiveDueDate(plainDay(day), this.#holidays).since(EPOCH).days;
      this.#openDays.set(day, open);
    }
    return open;
  }

  /** Whether the offices are closed that day. */
  isClosed(day: DayNo): boolean {
    return isClosedDay(plainDay(day), this.#holidays);
  }
}
