import type { DecodedFields } from '../../exchange/layout/field.js';
import type { Yen } from '../../kernel/yen.js';
import { dayIn, isoDay, type DayNo } from '../days.js';
import { checkDigitMod10w3 } from '../levies.js';
import type { Random } from '../random.js';
import { MUNICIPALITY } from '../words/places.js';
import type { SlipLine } from './candidates.js';
import type { LineStock } from './slips.js';

/** What a record of the assessment file is about. */
export type LevyCase = 'new' | 'unchanged' | 'decrease' | 'increase' | 'decreaseAfterPayment';

/** One record of the assessment file and what it should become. */
export interface FileLevy {
  readonly case: LevyCase;
  readonly fields: DecodedFields;
  /** Difference to what the ledger holds before the file. */
  readonly delta: Yen;
}

const NEW_NOTICES = 12;
const EACH_CORRECTION = 4;
/** Notice numbers of assessments made in the course of the year (随時) start here. */
const OCCASIONAL_SERIAL_FIRST = 9_000_001;

/** 調定データ of one day: new assessments for known people, corrections up and down, and lines sent once more. */
export function levyRecords(
  random: Random,
  stock: LineStock,
  today: DayNo,
  year: number,
  ordinaryCode: string,
): FileLevy[] {
  const records: FileLevy[] = [];
  for (let at = 0; at < NEW_NOTICES; at += 1) {
    const known = stock.take('settled');
    if (known !== undefined)
      records.push(
        ...newNotice(random, known, { today, year, ordinaryCode, serial: OCCASIONAL_SERIAL_FIRST + at }),
      );
  }
  for (let at = 0; at < EACH_CORRECTION; at += 1) {
    const [same, lower, higher, paid] = [
      stock.take('due'),
      stock.take('due'),
      stock.take('due'),
      stock.take('settled'),
    ];
    if (same !== undefined) records.push({ case: 'unchanged', fields: existing(same, 'levy'), delta: 0n });
    if (lower !== undefined)
      records.push(correction('decrease', lower, -half(lower.levied), today, '所得更正による減額'));
    if (higher !== undefined)
      records.push(correction('increase', higher, half(higher.levied), today, '申告漏れによる増額'));
    if (paid !== undefined)
      records.push(correction('decreaseAfterPayment', paid, -half(paid.levied), today, '減免決定'));
  }
  return records;
}

interface Notice {
  readonly today: DayNo;
  readonly year: number;
  readonly ordinaryCode: string;
  readonly serial: number;
}

/** Two instalments, the second nominally due on the last day of January, open or not. */
function newNotice(random: Random, known: SlipLine, notice: Notice): FileLevy[] {
  const noticeNo = `1${String(notice.year % 100).padStart(2, '0')}${notice.serial}`;
  const amount = random.yen(3_000, 60_000, 1_000);
  const firstDueOn = dayIn(notice.year, 11, 0);
  return [firstDueOn, dayIn(notice.year, 13, 0)].map((nominalDueOn, at) => {
    const slip = `${noticeNo}${String(at + 1).padStart(2, '0')}`;
    const fields: DecodedFields = {
      ...key({ ...known, noticeNo, taxItem: notice.ordinaryCode, instalmentNo: at + 1 }, 'levy'),
      assessmentYear: notice.year,
      taxYear: notice.year,
      levyFiscalYear: notice.year,
      taxAmount: amount,
      nominalDueOn: isoDay(nominalDueOn),
      statutoryDueOn: isoDay(firstDueOn),
      priorityOn: isoDay(dayIn(notice.year, 3, 15)),
      decidedOn: isoDay(notice.today),
      notifiedOn: isoDay(notice.today + 3),
      paymentNo: `${slip}${checkDigitMod10w3(slip)}`,
      confirmationNo: random.digits(6),
      reason: '',
    };
    return { case: 'new', fields, delta: amount };
  });
}

function correction(kind: LevyCase, line: SlipLine, delta: Yen, today: DayNo, reason: string): FileLevy {
  const fields = existing(line, 'adjustment');
  const decided = { decidedOn: isoDay(today), notifiedOn: isoDay(today + 3), reason };
  return { case: kind, fields: { ...fields, taxAmount: line.levied + delta, ...decided }, delta };
}

/** A line as the ledger holds it. */
function existing(line: SlipLine, recordKind: 'levy' | 'adjustment'): DecodedFields {
  const { nominalDueOn, statutoryDueOn, priorityOn, decidedOn, notifiedOn, paymentNo, confirmationNo } = line;
  return {
    ...key(line, recordKind),
    taxAmount: line.levied,
    nominalDueOn,
    statutoryDueOn,
    priorityOn,
    decidedOn,
    notifiedOn,
    paymentNo,
    confirmationNo,
    reason: '',
  };
}

function key(line: SlipLine, recordKind: 'levy' | 'adjustment'): DecodedFields {
  return {
    recordKind,
    municipalityCode: MUNICIPALITY.code,
    formerMunicipalityCode: '',
    assessmentYear: line.assessmentYear,
    taxYear: line.taxYear,
    levyFiscalYear: line.levyFiscalYear,
    noticeNo: line.noticeNo,
    taxItemCode: line.taxItem,
    payrollAgentNo: '',
    instalmentNo: line.instalmentNo,
    returnNo: 0,
    businessYearNo: 0,
    childAddresseeNo: '',
    addresseeNo: line.addresseeNo,
  };
}

function half(amount: Yen): Yen {
  return (amount / 200n) * 100n;
}
