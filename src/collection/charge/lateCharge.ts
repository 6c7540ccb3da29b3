import { Temporal, type IsoDate, type PlainDate } from '../../kernel/dates.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import { rateOf, type RateTable } from './rates.js';

/** Days from and to, both included. */
export interface Period {
  readonly from: PlainDate;
  readonly to: PlainDate;
}

/** Money that went to the tax of the line; a reversal is negative on the day of what it reverses. */
export interface TaxPayment {
  readonly on: PlainDate;
  readonly amount: Yen;
}

/** One levy line and how it was paid. */
export interface LateChargeInput {
  readonly tax: Yen;
  /** The effective due date (`effectiveDueDate`). */
  readonly dueOn: PlainDate;
  /** 領収日 of the payment up to which the charge is computed. */
  readonly paidOn: PlainDate;
  readonly earlierPayments?: readonly TaxPayment[];
  /** Days for which the charge is waived in full: stay of execution, disaster (15条の9①). */
  readonly exempt?: readonly Period[];
  /** Days for which the high rate falls to the grace rate (15条の9②, 附則3条の2②). */
  readonly grace?: readonly Period[];
  /** Last day of the low rate where a filing moves it (326条①). */
  readonly lowRateEnd?: PlainDate;
}

/** What ordinances set differently (handbook 02 §2, §6). */
export interface LateChargeProfile {
  readonly lowRateMonths: number;
  /** Where the computation cuts to whole yen. */
  readonly truncation: 'perRateRun' | 'perYear' | 'perBand';
  readonly baseUnit: Yen;
  readonly baseMinimum: Yen;
  readonly chargeUnit: Yen;
  readonly chargeMinimum: Yen;
}

/** Municipal tax: one month, base in 1,000 yen from 2,000, charge in 100 yen from 1,000 (20条の4の2②⑤). */
export const TAX_PROFILE: LateChargeProfile = {
  lowRateMonths: 1,
  truncation: 'perRateRun',
  baseUnit: 1_000n,
  baseMinimum: 2_000n,
  chargeUnit: 100n,
  chargeMinimum: 1_000n,
};

/** A run of days with one base and one rate, as the 計算書 shows it. */
export interface ChargeSegment {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly days: number;
  readonly base: Yen;
  readonly rateTenths: number;
  readonly yen: Yen;
}

/** The charge, the sum before the last rounding, and the terms of the sum. */
export interface LateCharge {
  readonly charge: Yen;
  readonly rawTotal: Yen;
  readonly segments: readonly ChargeSegment[];
}

type Band = 'low' | 'high' | 'grace' | 'exempt';

interface Run {
  readonly first: number;
  last: number;
  readonly year: number;
  readonly band: Band;
  readonly base: Yen;
  readonly rateTenths: number;
}

const MS_PER_DAY = 86_400_000;
/** Tenths of a percent, of 365 days, also in leap years. */
const YEARLY_DIVISOR = 365_000n;

/**
 * 延滞金 of one levy line, in yen (handbook 02 §2, §5): days from the day after the due date to the day of payment, both
 * included, each at its own year's rate, on the tax that remained that day; rounded once at the end.
 * @throws KuramoriError RATE_MISSING when a year of the period has no rate
 */
export function lateCharge(
  input: LateChargeInput,
  rates: RateTable,
  profile: LateChargeProfile = TAX_PROFILE,
): LateCharge {
  if (Temporal.PlainDate.compare(input.paidOn, input.dueOn) <= 0)
    return { charge: 0n, rawTotal: 0n, segments: [] };
  const segments = truncate(runs(input, rates, profile), profile.truncation);
  const rawTotal = sumYen(segments.map(({ yen }) => yen));
  const charge = rawTotal < profile.chargeMinimum ? 0n : floorTo(rawTotal, profile.chargeUnit);
  return { charge, rawTotal, segments };
}

/**
 * Last day of the low rate: 納期限の翌日から1月を経過する日, by the calendar (民法143条). Not moved for closed days: it is the
 * end of a period of calculation, not a limit (handbook 02 §2.1).
 */
export function lowRateEnd(dueOn: PlainDate, months: number): PlainDate {
  const start = dueOn.add({ days: 1 });
  const corresponding = start.add({ months });
  return corresponding.day === start.day ? corresponding.subtract({ days: 1 }) : corresponding;
}

function runs(input: LateChargeInput, rates: RateTable, profile: LateChargeProfile): Run[] {
  const lowEnd = dayNumber(input.lowRateEnd ?? lowRateEnd(input.dueOn, profile.lowRateMonths));
  const payments = (input.earlierPayments ?? []).map(({ on, amount }) => ({ day: dayNumber(on), amount }));
  const exempt = (input.exempt ?? []).map(dayNumbers);
  const grace = (input.grace ?? []).map(dayNumbers);
  const last = dayNumber(input.paidOn);
  const starts = cuts(
    input,
    lowEnd,
    [...exempt, ...grace],
    payments.map(({ day }) => day),
  );
  const found: Run[] = [];
  starts.forEach((first, index) => {
    const year = isoDay(first).year;
    const band = bandOf(first, lowEnd, exempt, grace);
    const remaining =
      input.tax - sumYen(payments.filter(({ day }) => day < first).map(({ amount }) => amount));
    const base = remaining < profile.baseMinimum ? 0n : floorTo(remaining, profile.baseUnit);
    const run: Run = {
      first,
      last: (starts[index + 1] ?? last + 1) - 1,
      year,
      band,
      base,
      rateTenths: rateFor(band, rates, year),
    };
    const before = found.at(-1);
    if (before !== undefined && continues(before, run, profile)) before.last = run.last;
    else found.push(run);
  });
  return found;
}

/** First days of the pieces within which nothing changes, ascending. */
function cuts(
  input: LateChargeInput,
  lowEnd: number,
  periods: readonly { readonly from: number; readonly to: number }[],
  paymentDays: readonly number[],
): number[] {
  const first = dayNumber(input.dueOn) + 1;
  const last = dayNumber(input.paidOn);
  const days = new Set([first, lowEnd + 1]);
  for (let year = input.dueOn.year + 1; year <= input.paidOn.year; year++)
    days.add(Date.UTC(year, 0, 1) / MS_PER_DAY);
  for (const day of paymentDays) days.add(day + 1);
  for (const { from, to } of periods) days.add(from).add(to + 1);
  return [...days].filter((day) => day >= first && day <= last).toSorted((a, b) => a - b);
}

function continues(before: Run, run: Run, profile: LateChargeProfile): boolean {
  if (before.base !== run.base || before.band !== run.band || before.rateTenths !== run.rateTenths)
    return false;
  return profile.truncation !== 'perYear' || before.year === run.year;
}

function bandOf(
  day: number,
  lowEnd: number,
  exempt: readonly DayPeriod[],
  grace: readonly DayPeriod[],
): Band {
  if (exempt.some(({ from, to }) => day >= from && day <= to)) return 'exempt';
  if (day <= lowEnd) return 'low';
  return grace.some(({ from, to }) => day >= from && day <= to) ? 'grace' : 'high';
}

function rateFor(band: Band, rates: RateTable, year: number): number {
  if (band === 'exempt') return 0;
  const rate = rateOf(rates, year);
  if (band === 'low') return rate.lowTenths;
  return band === 'grace' ? rate.graceTenths : rate.highTenths;
}

/** Per band, the fractions of yen run on from one segment of the band to its next. */
function truncate(found: readonly Run[], truncation: LateChargeProfile['truncation']): ChargeSegment[] {
  const carried = new Map<Band, bigint>();
  return found.map((run) => {
    const days = run.last - run.first + 1;
    const carry = truncation === 'perBand' ? (carried.get(run.band) ?? 0n) : 0n;
    const exact = run.base * BigInt(run.rateTenths) * BigInt(days) + carry;
    carried.set(run.band, exact % YEARLY_DIVISOR);
    return {
      from: isoDay(run.first).toString(),
      to: isoDay(run.last).toString(),
      days,
      base: run.base,
      rateTenths: run.rateTenths,
      yen: exact / YEARLY_DIVISOR,
    };
  });
}

interface DayPeriod {
  readonly from: number;
  readonly to: number;
}

function dayNumbers(period: Period): DayPeriod {
  return { from: dayNumber(period.from), to: dayNumber(period.to) };
}

/** Days since 1970-01-01: whole-day arithmetic in bulk, without a zone. */
function dayNumber(day: PlainDate): number {
  return Date.UTC(day.year, day.month - 1, day.day) / MS_PER_DAY;
}

const EPOCH = Temporal.PlainDate.from('1970-01-01');

function isoDay(number: number): PlainDate {
  return EPOCH.add({ days: number });
}

function floorTo(amount: Yen, unit: Yen): Yen {
  return (amount / unit) * unit;
}
