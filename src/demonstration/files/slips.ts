import type { UnmatchedReason } from '../../collection/receipt/matching.js';
import { compileLayout, type Layout } from '../../exchange/layout/compile.js';
import type { DecodedFields } from '../../exchange/layout/field.js';
import { encodeLine } from '../../exchange/layout/ocrLine.js';
import { OCR_LINE } from '../../exchange/layouts/ocrLine.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Yen } from '../../kernel/yen.js';
import { isoDay, type DayNo } from '../days.js';
import type { Random } from '../random.js';
import { BANKS, MUNICIPALITY } from '../words/places.js';
import type { Candidates, SlipLine } from './candidates.js';

/** The troubles of a real bank-day file, and the ordinary slip. */
export const SLIP_CASES = [
  'exact',
  'part',
  'over',
  'double',
  'alreadySettled',
  'wrongInstalment',
  'late',
  'lateWithCharge',
  'keyedByNoticeNo',
  'keyedTypo',
  'unknownNotice',
  'noKey',
  'noKeyProposed',
] as const;
export type SlipCase = (typeof SLIP_CASES)[number];

/** One record of a bank-day file and what it is about. */
export interface FileSlip {
  readonly case: SlipCase;
  readonly fields: DecodedFields;
  /** The line its key names, or why no line is found. */
  readonly line: SlipLine | undefined;
  readonly unmatched: UnmatchedReason | undefined;
  readonly taxAmount: Yen;
  readonly lateCharge: Yen;
  readonly paidOn: IsoDate;
}

const TROUBLES: readonly (readonly [Exclude<SlipCase, 'exact'>, number])[] = [
  ['part', 6],
  ['over', 5],
  ['double', 4],
  ['alreadySettled', 4],
  ['wrongInstalment', 4],
  ['late', 6],
  ['lateWithCharge', 5],
  ['keyedByNoticeNo', 5],
  ['keyedTypo', 5],
  ['unknownNotice', 3],
  ['noKey', 4],
  ['noKeyProposed', 3],
];
/** A notice number of a series that was never issued. */
const NEVER_ISSUED = '9990000000';
/** An amount of yen that no bill has. */
const ODD_AMOUNT: Yen = 1_234_567n;

/** Lines still to be used; each is used once over all files. */
export class LineStock {
  readonly #due: SlipLine[];
  readonly #pairs: (readonly [SlipLine, SlipLine])[];
  readonly #overdue: SlipLine[];
  readonly #settled: SlipLine[];

  constructor(random: Random, candidates: Candidates) {
    this.#due = random.shuffled(candidates.due);
    this.#pairs = random.shuffled(candidates.dueWithNext);
    this.#overdue = random.shuffled(candidates.overdue);
    this.#settled = random.shuffled(candidates.settled);
  }

  /** Takes a line of a kind, or none when they are used up. */
  take(kind: 'due' | 'overdue' | 'settled'): SlipLine | undefined {
    return kind === 'due'
      ? this.#due.shift()
      : kind === 'overdue'
        ? this.#overdue.shift()
        : this.#settled.shift();
  }

  /** Takes the instalment after one that is due; the one due stays unpaid. */
  takeNext(): SlipLine | undefined {
    return this.#pairs.shift()?.[1];
  }
}

/** The records of one bank day, mixed as they come: every trouble, and ordinary slips besides. */
export function slipsOfDay(
  random: Random,
  stock: LineStock,
  bankDay: DayNo,
  ordinary: number,
  taxItems: ReadonlyMap<string, string>,
): FileSlip[] {
  const ocrLine = compileLayout(OCR_LINE, { taxItem: taxItems });
  const slips: FileSlip[] = [];
  for (const [kind, count] of TROUBLES) {
    for (let made = 0; made < count; made += 1)
      slips.push(...slipsFor(kind, { random, stock, bankDay, ocrLine }));
  }
  for (let made = 0; made < ordinary; made += 1)
    slips.push(...slipsFor('exact', { random, stock, bankDay, ocrLine }));
  return random.shuffled(slips);
}

interface Making {
  readonly random: Random;
  readonly stock: LineStock;
  readonly bankDay: DayNo;
  readonly ocrLine: Layout;
}

function slipsFor(kind: SlipCase, making: Making): FileSlip[] {
  const { random, stock } = making;
  const line =
    kind === 'wrongInstalment'
      ? stock.takeNext()
      : stock.take(
          kind === 'late' || kind === 'lateWithCharge'
            ? 'overdue'
            : kind === 'alreadySettled'
              ? 'settled'
              : 'due',
        );
  if (line === undefined) return [];
  const amount = line.outstanding > 0n ? line.outstanding : line.levied;
  const slip = (tax: Yen, charge: Yen = 0n) => ocrSlip(making, kind, line, tax, charge);
  switch (kind) {
    case 'part':
      return [slip((amount * BigInt(random.between(2, 8))) / 10n)];
    case 'over':
      return [slip(amount + random.pick([100n, 1_000n, 9_000n]))];
    case 'double':
      return [slip(amount), slip(amount)];
    case 'lateWithCharge':
      return [slip(amount, random.yen(1_000, 4_000, 100))];
    case 'keyedByNoticeNo':
      return [keyed(slip(amount), { ocrLine: null })];
    case 'keyedTypo':
      return [typingError(random, slip(amount))];
    case 'unknownNotice':
      return [
        {
          ...keyed(slip(amount), { ocrLine: null, noticeNo: NEVER_ISSUED }),
          line: undefined,
          unmatched: 'noMatch',
        },
      ];
    case 'noKey':
      return [withoutKey(slip(ODD_AMOUNT), 'noMatch')];
    case 'noKeyProposed':
      return [withoutKey(slip(amount), 'ambiguous')];
    case 'exact':
    case 'late':
    case 'alreadySettled':
    case 'wrongInstalment':
      return [slip(amount)];
  }
}

/** A slip read by machine: everything agrees. */
function ocrSlip(making: Making, kind: SlipCase, line: SlipLine, taxAmount: Yen, lateCharge: Yen): FileSlip {
  const { random, bankDay, ocrLine } = making;
  const paidOn = isoDay(bankDay - random.between(3, 6));
  const key = {
    taxItemCode: line.taxItem,
    levyFiscalYear: line.levyFiscalYear,
    instalmentNo: line.instalmentNo,
    noticeNo: line.noticeNo,
    billedAmount: line.levied,
  };
  const read = {
    ...key,
    municipalityCode: MUNICIPALITY.code,
    assessmentYear: line.assessmentYear,
    returnNo: 0,
  };
  const [collectingBank] = random.pick(BANKS);
  const fields = {
    ...key,
    taxAmount,
    lateCharge,
    collectingBank,
    paidOn,
    channel: 'ocr',
    ocrLine: encodeLine(ocrLine, read),
  };
  return { case: kind, fields, line, unmatched: undefined, taxAmount, lateCharge, paidOn };
}

function keyed(slip: FileSlip, changed: DecodedFields): FileSlip {
  return { ...slip, fields: { ...slip.fields, channel: 'keyed', ...changed } };
}

/** 手書分: one digit of the key line was typed wrong, which its check digits show. */
function typingError(random: Random, slip: FileSlip): FileSlip {
  const line = String(slip.fields['ocrLine']);
  const at = random.between(15, 24);
  const wrong = String((Number(line[at]) + random.between(1, 9)) % 10);
  return {
    ...keyed(slip, { ocrLine: line.slice(0, at) + wrong + line.slice(at + 1) }),
    line: undefined,
    unmatched: 'keyMismatch',
  };
}

/** Neither key line nor notice number: a bill of that amount may be proposed to a person, more is not done. */
function withoutKey(slip: FileSlip, unmatched: UnmatchedReason): FileSlip {
  return {
    ...keyed(slip, { ocrLine: null, noticeNo: null, billedAmount: null }),
    line: undefined,
    unmatched,
  };
}
