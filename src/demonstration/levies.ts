import { KuramoriError } from '../kernel/errors.js';
import type { IsoDate } from '../kernel/dates.js';
import type { Yen } from '../kernel/yen.js';
import { NOTHING } from '../collection/receipt/allocation.js';
import type { LedgerLine } from '../collection/receipt/posting.js';
import type { Book } from './book.js';
import { isoDay, plainDay, type DayNo } from './days.js';
import { splitIntoInstalments } from './instalments.js';
import type { Random } from './random.js';
import { ACTORS } from './staffList.js';
import {
  CORPORATE_NOTICE_DIGIT,
  ITEM_RULES,
  scheduleOf,
  type Instalment,
  type Schedule,
  type TaxItem,
} from './taxItems.js';
import { MUNICIPALITY } from './words/places.js';

/** A levy line (期別) in the making: its facts, and where it stands after the entries made so far. */
export interface Line {
  readonly id: number;
  readonly item: TaxItem;
  readonly itemCode: string;
  readonly year: number;
  readonly noticeNo: string;
  readonly instalmentNo: number;
  readonly dueOn: DayNo;
  readonly addresseeNo: string;
  readonly payrollAgentNo: string;
  ledger: LedgerLine;
  reminded: boolean;
  /** Under a seizure or a claim for distribution, now or once. */
  seized: boolean;
  /** Acknowledged by a written promise (分納誓約). */
  acknowledgedOn: DayNo | undefined;
  /** The one receipt that paid the line in full, in time. */
  settledBy: { readonly receiptId: number; readonly paidOn: DayNo; readonly receivedOn: DayNo } | undefined;
}

/** One assessment (賦課): a year's tax of one item for one debtor. */
export interface Assessment {
  readonly item: keyof typeof ITEM_RULES;
  readonly year: number;
  readonly addresseeNo: string;
  readonly total: Yen;
  readonly payrollAgentNo?: string;
}

/** A corporate tax return (申告): each is its own levy. */
export interface CorporateReturn {
  readonly addresseeNo: string;
  readonly year: number;
  readonly businessYearNo: number;
  readonly filedOn: DayNo;
  readonly dueOn: DayNo;
  readonly amount: Yen;
}

const NOTICE_SERIAL_DIGITS = 7;
const schedules = new WeakMap<Book, Map<string, Schedule>>();

/** Enters the levy lines of an assessment; none when it would be notified after today. */
export function levy(book: Book, random: Random, assessment: Assessment): Line[] {
  const { item, year } = assessment;
  const schedule = cachedSchedule(book, item, year);
  if (schedule.notifiedOn > book.today || assessment.total <= 0n) return [];
  const rule = ITEM_RULES[item];
  const noticeNo = nextNoticeNo(book, rule.noticeDigit, year);
  return splitIntoInstalments(assessment.total, schedule.instalments.length, rule.unit).map((amount, at) => {
    const instalment = schedule.instalments[at];
    if (instalment === undefined)
      throw new KuramoriError('INTERNAL', 'A levy was split into more instalments than it has.');
    return addLine(book, random, {
      ...schedule,
      ...assessment,
      payrollAgentNo: assessment.payrollAgentNo ?? '',
      noticeNo,
      amount,
      instalment,
    });
  });
}

/** Enters the levy line of a corporate return. */
export function levyReturn(book: Book, random: Random, filed: CorporateReturn): Line {
  const dueOn = book.reference.calendar.openDay(filed.dueOn);
  return addLine(book, random, {
    ...filed,
    item: 'corporateTax',
    payrollAgentNo: '',
    noticeNo: nextNoticeNo(book, CORPORATE_NOTICE_DIGIT, filed.year),
    instalment: { no: 0, nominalDueOn: filed.dueOn, dueOn },
    decidedOn: filed.filedOn,
    notifiedOn: filed.filedOn,
    statutoryDueOn: dueOn,
    priorityOn: dueOn,
    businessYearNo: filed.businessYearNo,
  });
}

/** Code of a tax item as the reference table has it. */
export function itemCodeOf(book: Book, item: TaxItem): string {
  const code = book.reference.taxItems.get(item);
  if (code === undefined)
    throw new KuramoriError(
      'CONFLICT',
      `The tax item ${item} is not registered. Run kuramori migrate first.`,
    );
  return code;
}

/** `mod10w3` of handbook 22 §2.2: the check digit of payment numbers. */
export function checkDigitMod10w3(digits: string): number {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1)
    sum += Number(digits[digits.length - 1 - at]) * (at % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10;
}

function nextNoticeNo(book: Book, digit: number, year: number): string {
  const serial = book.next(`notice ${digit} ${year}`);
  return `${digit}${String(year % 100).padStart(2, '0')}${String(serial).padStart(NOTICE_SERIAL_DIGITS, '0')}`;
}

interface LineFacts {
  readonly item: TaxItem;
  readonly year: number;
  readonly addresseeNo: string;
  readonly payrollAgentNo: string;
  readonly noticeNo: string;
  readonly amount: Yen;
  readonly instalment: Instalment;
  readonly decidedOn: DayNo;
  readonly notifiedOn: DayNo;
  readonly statutoryDueOn: DayNo;
  readonly priorityOn: DayNo;
  readonly businessYearNo?: number;
}

function addLine(book: Book, random: Random, facts: LineFacts): Line {
  const { item, year, addresseeNo, payrollAgentNo, noticeNo, amount, instalment } = facts;
  const id = book.next('levy_line');
  const itemCode = itemCodeOf(book, item);
  const slip = `${noticeNo}${String(instalment.no).padStart(2, '0')}`;
  const bySlip = item !== 'residentTaxPension' && item !== 'residentTaxPayroll';
  book.add('levy_line', {
    id,
    municipality_code: MUNICIPALITY.code,
    assessment_year: year,
    tax_year: year,
    levy_fiscal_year: year,
    notice_no: noticeNo,
    tax_item: itemCode,
    payroll_agent_no: payrollAgentNo,
    instalment_no: instalment.no,
    return_no: 0,
    business_year_no: facts.businessYearNo ?? 0,
    addressee_no: addresseeNo,
    tax_amount: amount,
    nominal_due_on: instalment.nominalDueOn,
    due_on: instalment.dueOn,
    statutory_due_on: facts.statutoryDueOn,
    priority_on: facts.priorityOn,
    decided_on: facts.decidedOn,
    notified_on: facts.notifiedOn,
    payment_no: bySlip ? `${slip}${checkDigitMod10w3(slip)}` : '',
    confirmation_no: bySlip ? random.digits(6) : '',
    change_id: book.change(
      'levies.load',
      facts.decidedOn,
      item === 'fixedAssetTax' ? ACTORS.assets : ACTORS.taxes,
      'ASSESSMENT',
    ),
  });
  const ledger = newLedger(id, addresseeNo, isoDay(instalment.dueOn), amount);
  return {
    id,
    item,
    itemCode,
    year,
    noticeNo,
    instalmentNo: instalment.no,
    dueOn: instalment.dueOn,
    addresseeNo,
    payrollAgentNo,
    ledger,
    reminded: false,
    seized: false,
    acknowledgedOn: undefined,
    settledBy: undefined,
  };
}

function newLedger(id: number, addresseeNo: string, dueOn: IsoDate, tax: Yen): LedgerLine {
  return {
    levyId: BigInt(id),
    addresseeNo,
    dueOn,
    taxLevied: tax,
    lateChargeLevied: 0n,
    outstanding: { ...NOTHING, tax },
    taxHistory: [],
    stays: [],
  };
}

function cachedSchedule(book: Book, item: keyof typeof ITEM_RULES, year: number): Schedule {
  const known = schedules.get(book) ?? new Map<string, Schedule>();
  schedules.set(book, known);
  const key = `${item} ${year}`;
  const schedule = known.get(key) ?? scheduleOf(item, year, book.reference.calendar);
  known.set(key, schedule);
  return schedule;
}

/** The fiscal year of a day. */
export function fiscalYear(day: DayNo): number {
  const { year, month } = plainDay(day);
  return month >= 4 ? year : year - 1;
}
