import { Temporal, plainDate, type IsoDate, type PlainDate } from '../../kernel/dates.js';

/** An event that renews the limitation period (時効の更新, 地方税法18条の2; handbook 03 §7). */
export interface Renewal {
  /** SEIZURE counts from its end; one that lasts renews nothing yet. */
  readonly kind: 'REMINDER' | 'SEIZURE' | 'ACKNOWLEDGEMENT';
  /** The day of sending, of the end of the seizure, of the acknowledgement. */
  readonly on: IsoDate;
}

/** 時効: from `startsOn` to the last day, both included. */
export interface Limitation {
  readonly startsOn: IsoDate;
  readonly completesOn: IsoDate;
  /** Those that counted, in their order. */
  readonly renewals: readonly Renewal[];
}

/** Taxes: five years (18条); health insurance premiums: two (国民健康保険法110条). */
export const LIMITATION_YEARS = { tax: 5, premium: 2 } as const;

/** 10 days after the reminder the period begins anew on the next (18条の2 ①2): sent on D, from D+11. */
const REMINDER_POSTPONES_DAYS = 10;

/**
 * The limitation of one levy line. An event after the last day renews nothing: the claim is extinguished.
 * @param dueOn effective due date
 * @param events in any order
 */
export function limitationOf(dueOn: IsoDate, years: number, events: readonly Renewal[]): Limitation {
  let startsOn = plainDate(dueOn).add({ days: 1 });
  const renewals: Renewal[] = [];
  for (const event of events.toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0))) {
    const on = plainDate(event.on);
    if (Temporal.PlainDate.compare(on, lastDay(startsOn, years)) > 0) break;
    const renewed = on.add({ days: event.kind === 'REMINDER' ? REMINDER_POSTPONES_DAYS + 1 : 1 });
    if (Temporal.PlainDate.compare(renewed, startsOn) <= 0) continue;
    startsOn = renewed;
    renewals.push(event);
  }
  return { startsOn: startsOn.toString(), completesOn: lastDay(startsOn, years).toString(), renewals };
}

/**
 * The day before the corresponding day; without one, the last day of that month (民法143条). No shift for holidays.
 */
function lastDay(startsOn: PlainDate, years: number): PlainDate {
  const corresponding = startsOn.add({ years });
  return corresponding.day === startsOn.day ? corresponding.subtract({ days: 1 }) : corresponding;
}
