import type { Yen } from '../kernel/yen.js';
import { dayIn, type DayNo, type OfficeCalendar } from './days.js';

/** Identifier of a tax item in the reference table. */
export type TaxItem =
  | 'residentTaxOrdinary'
  | 'residentTaxPayroll'
  | 'residentTaxPension'
  | 'fixedAssetTax'
  | 'lightVehicleTax'
  | 'corporateTax'
  | 'nhiTax'
  | 'nhiPremium';

/** One instalment of a year: its number and its due dates. */
export interface Instalment {
  readonly no: number;
  readonly nominalDueOn: DayNo;
  readonly dueOn: DayNo;
}

/** 納期 of one tax item in one year. */
export interface Schedule {
  readonly instalments: readonly Instalment[];
  readonly decidedOn: DayNo;
  readonly notifiedOn: DayNo;
  readonly statutoryDueOn: DayNo;
  /** 法定納期限等: decides the rank against mortgages (handbook 01 §3.2). */
  readonly priorityOn: DayNo;
}

type Month = number;
interface ItemRule {
  /** First digit of the notice number. */
  readonly noticeDigit: number;
  /** Month and day; 0 is the last of the month; months past 12 are of the next year. */
  readonly due: readonly (readonly [no: number, month: Month, day: number])[];
  readonly notified: readonly [Month, number];
  readonly priority: readonly [Month, number] | undefined;
  readonly unit: Yen;
}

const endsOf = (...months: readonly Month[]) =>
  months.map((month, at) => [at + 1, month, month === 12 ? 25 : 0] as const);
/** June to May, paid by the employer on the 10th of the next month; the number is the month. */
const PAYROLL_MONTHS = [6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5];
/** Payouts of pensions: even months, handed over on the 10th of the next month. */
const PENSION_MONTHS = [4, 6, 8, 10, 12, 14];
const NHI: ItemRule = {
  noticeDigit: 8,
  due: endsOf(7, 8, 9, 10, 11, 12, 13, 14),
  notified: [7, 10],
  priority: undefined,
  unit: 100n,
};

/** 納期 as the ordinance of the demonstration municipality sets them. */
export const ITEM_RULES: Readonly<Record<Exclude<TaxItem, 'corporateTax'>, ItemRule>> = {
  residentTaxOrdinary: {
    noticeDigit: 1,
    due: endsOf(6, 8, 10, 13),
    notified: [6, 8],
    priority: [3, 15],
    unit: 1_000n,
  },
  residentTaxPayroll: {
    noticeDigit: 2,
    due: PAYROLL_MONTHS.map((month, at) => [month, 7 + at, 10] as const),
    notified: [5, 12],
    priority: [5, 31],
    unit: 100n,
  },
  residentTaxPension: {
    noticeDigit: 3,
    due: PENSION_MONTHS.map((month, at) => [at + 1, month + 1, 10] as const),
    notified: [4, 1],
    priority: [7, 31],
    unit: 100n,
  },
  fixedAssetTax: {
    noticeDigit: 4,
    due: [
      [1, 4, 0],
      [2, 7, 0],
      [3, 12, 25],
      [4, 14, 0],
    ],
    notified: [4, 6],
    priority: undefined,
    unit: 1_000n,
  },
  lightVehicleTax: { noticeDigit: 5, due: [[0, 5, 0]], notified: [5, 1], priority: undefined, unit: 100n },
  nhiTax: NHI,
  nhiPremium: { ...NHI, noticeDigit: 7 },
};
export const CORPORATE_NOTICE_DIGIT = 6;

/** 国保: a premium (料) in the first of the years shown, a tax (税) since. Two claims of two legal families, never one. */
export function nhiItem(year: number, firstYear: number): 'nhiTax' | 'nhiPremium' {
  return year === firstYear ? 'nhiPremium' : 'nhiTax';
}

/** The dates of an item in a fiscal year. */
export function scheduleOf(item: keyof typeof ITEM_RULES, year: number, calendar: OfficeCalendar): Schedule {
  const rule = ITEM_RULES[item];
  const instalments = rule.due.map(([no, month, day]) => {
    const nominalDueOn = dayIn(year, month, day);
    return { no, nominalDueOn, dueOn: calendar.openDay(nominalDueOn) };
  });
  const notifiedOn = calendar.openDay(dayIn(year, ...rule.notified));
  const statutoryDueOn = instalments[0]?.dueOn ?? notifiedOn;
  const priorityOn = rule.priority === undefined ? statutoryDueOn : dayIn(year, ...rule.priority);
  return { instalments, notifiedOn, decidedOn: calendar.openDay(notifiedOn - 7), statutoryDueOn, priorityOn };
}
