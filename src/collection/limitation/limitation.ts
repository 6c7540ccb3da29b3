import { Temporal, plainDate, type IsoDate, type PlainDate } from '../../kernel/dates.js';

/** What renews the limitation period (時効の更新, 地方税法18条の2; handbook 03 §7). */
export type RenewalKind = 'REMINDER' | 'SEIZURE' | 'ACKNOWLEDGEMENT';

/** What bears on the limitation of a line. */
export interface LimitationEvent {
  /** DEMAND (催告, 民法150条) and a seizure that was CANCELLED (民法148条) postpone by six months and renew nothing. */
  readonly kind: RenewalKind | 'DEMAND' | 'CANCELLED';
  /** The day on which it begins to hold the period up, where that is not the day `on`. */
  readonly from?: IsoDate;
  /** The day of sending, of the end of the seizure, of the acknowledgement; null while a seizure lasts. */
  readonly on: IsoDate | null;
}

/** A renewal that counted. */
export interface Renewal {
  readonly kind: RenewalKind;
  readonly on: IsoDate;
}

/** 時効: from `startsOn` to the last day, both included. */
export interface Limitation {
  readonly startsOn: IsoDate;
  readonly completesOn: IsoDate;
  /** A seizure lasts: the period is not completed, whatever its last day would be. */
  readonly isHeld: boolean;
  /** Those that counted, in their order. */
  readonly renewals: readonly Renewal[];
}

/** Taxes: five years (18条); health insurance premiums: two (国民健康保険法110条). */
export const LIMITATION_YEARS = { tax: 5, premium: 2 } as const;

/** 10 days after the reminder the period begins anew on the next (18条の2 ①2): sent on D, from D+11. */
const REMINDER_POSTPONES_DAYS = 10;
/** 民法148条, 150条. */
const POSTPONEMENT = { months: 6 } as const;

/**
 * The limitation of one levy line. An event after the last day does nothing: the claim is extinguished. Its SQL twin is
 * `records.limitation_lapse`; a property test holds the two together.
 * @param dueOn effective due date
 * @param events in any order
 */
export function limitationOf(dueOn: IsoDate, years: number, events: readonly LimitationEvent[]): Limitation {
  const period = new Period(plainDate(dueOn).add({ days: 1 }), years);
  for (const event of events.toSorted((a, b) => compare(begin(a), begin(b)))) {
    if (Temporal.PlainDate.compare(plainDate(begin(event)), period.lastDay) > 0 && !period.isHeld) break;
    if (event.on === null) period.isHeld = true;
    else if (event.kind === 'DEMAND' || event.kind === 'CANCELLED') period.postpone(event.kind, event.on);
    else period.renew(event.kind, event.on);
  }
  const { startsOn, lastDay, isHeld, renewals } = period;
  return { startsOn: startsOn.toString(), completesOn: lastDay.toString(), isHeld, renewals };
}

/**
 * 時効完成による消滅の日 (18条①②): the day after the last; null while a seizure holds the period.
 * @example extinctionOf({ completesOn: '2026-07-30', isHeld: false }) // '2026-07-31'
 */
export function extinctionOf({
  completesOn,
  isHeld,
}: Pick<Limitation, 'completesOn' | 'isHeld'>): IsoDate | null {
  return isHeld ? null : plainDate(completesOn).add({ days: 1 }).toString();
}

/**
 * The last day of a period: the day before the corresponding day; without one, the last day of that month (民法143条).
 * No shift for holidays.
 */
export function lastDayOf(
  startsOn: PlainDate,
  length: { readonly years?: number; readonly months?: number },
): PlainDate {
  const corresponding = startsOn.add(length);
  return corresponding.day === startsOn.day ? corresponding.subtract({ days: 1 }) : corresponding;
}

class Period {
  startsOn: PlainDate;
  isHeld = false;
  readonly renewals: Renewal[] = [];
  readonly #years: number;
  #demandUntil: PlainDate | undefined;
  #postponedUntil: PlainDate | undefined;

  constructor(startsOn: PlainDate, years: number) {
    this.startsOn = startsOn;
    this.#years = years;
  }

  get lastDay(): PlainDate {
    const last = lastDayOf(this.startsOn, { years: this.#years });
    return this.#postponedUntil === undefined ? last : later(last, this.#postponedUntil);
  }

  renew(kind: RenewalKind, on: IsoDate): void {
    const renewed = plainDate(on).add({ days: kind === 'REMINDER' ? REMINDER_POSTPONES_DAYS + 1 : 1 });
    if (Temporal.PlainDate.compare(renewed, this.startsOn) <= 0) return;
    this.startsOn = renewed;
    this.renewals.push({ kind, on });
  }

  postpone(kind: 'DEMAND' | 'CANCELLED', on: IsoDate): void {
    const day = plainDate(on);
    const until = lastDayOf(day.add({ days: 1 }), POSTPONEMENT);
    if (kind === 'DEMAND') {
      // 民法150条②: a second demand while the first postpones adds nothing.
      if (this.#demandUntil !== undefined && Temporal.PlainDate.compare(day, this.#demandUntil) <= 0) return;
      this.#demandUntil = until;
    }
    this.#postponedUntil = this.#postponedUntil === undefined ? until : later(this.#postponedUntil, until);
  }
}

/** The day on which an event begins to hold the period up. */
function begin({ from, on }: LimitationEvent): IsoDate {
  return from ?? on ?? '';
}

function later(a: PlainDate, b: PlainDate): PlainDate {
  return Temporal.PlainDate.compare(a, b) > 0 ? a : b;
}

function compare(a: IsoDate, b: IsoDate): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
