import {
  postSlip,
  type LedgerLine,
  type PostingRules,
  type ResultClass,
} from '../../collection/receipt/posting.js';
import type { Yen } from '../../kernel/yen.js';
import type { FileSlip, SlipCase } from './slips.js';

/** What a record of a bank-day file should become. Amounts are yen as text: JSON has no exact numbers of that size. */
export interface ExpectedRecord {
  /** As loads count them: the header or the row of headings is record 1. */
  readonly recordNo: number;
  readonly case: SlipCase;
  readonly noticeNo: string | null;
  readonly instalmentNo: number;
  readonly paid: string;
  readonly resultClass: ResultClass;
  readonly applied: readonly { readonly component: string; readonly amount: string }[];
  readonly lateChargeFixed: string;
  readonly overpayment: { readonly cause: string; readonly amount: string } | null;
  readonly unidentified: string | null;
}

const FIRST_DATA_RECORD = 2;

/** Count and yen of each result class. */
export type ExpectedClasses = Readonly<Record<string, { readonly count: number; readonly yen: string }>>;

/**
 * Posts the slips by the pure rule, in the order of the file.
 * @param lines as they stand before the file
 */
export function expectRecords(
  slips: readonly FileSlip[],
  lines: ReadonlyMap<bigint, LedgerLine>,
  rules: PostingRules,
): { readonly records: readonly ExpectedRecord[]; readonly classes: ExpectedClasses } {
  const standing = new Map(lines);
  const classes = new Map<string, { count: number; yen: Yen }>();
  const records = slips.map((slip, at): ExpectedRecord => {
    const record = expectRecord(slip, standing, rules, at + FIRST_DATA_RECORD);
    const sum = classes.get(record.resultClass) ?? { count: 0, yen: 0n };
    classes.set(record.resultClass, { count: sum.count + 1, yen: sum.yen + BigInt(record.paid) });
    return record;
  });
  const texts = [...classes].map(([name, { count, yen }]) => [name, { count, yen: String(yen) }] as const);
  return { records, classes: Object.fromEntries(texts) };
}

function expectRecord(
  slip: FileSlip,
  standing: Map<bigint, LedgerLine>,
  rules: PostingRules,
  recordNo: number,
): ExpectedRecord {
  const common = {
    recordNo,
    case: slip.case,
    noticeNo: slip.line?.noticeNo ?? null,
    instalmentNo: Number(slip.fields['instalmentNo']),
    paid: String(slip.taxAmount + slip.lateCharge),
  };
  const line = slip.line === undefined ? undefined : standing.get(slip.line.levyId);
  if (line === undefined) {
    return {
      ...common,
      resultClass: 'unidentified',
      applied: [],
      lateChargeFixed: '0',
      overpayment: null,
      unidentified: slip.unmatched ?? 'noMatch',
    };
  }
  const { taxAmount, lateCharge, paidOn } = slip;
  const posted = postSlip(
    line,
    { taxAmount, lateCharge, paidOn, wrongInstalment: slip.case === 'wrongInstalment' },
    rules,
  );
  standing.set(line.levyId, posted.line);
  const { applied, overpayment, resultClass, lateChargeFixed } = posted.posting;
  return {
    ...common,
    resultClass,
    applied: applied.map(({ component, amount }) => ({ component, amount: String(amount) })),
    lateChargeFixed: String(lateChargeFixed),
    overpayment:
      overpayment === undefined ? null : { cause: overpayment.cause, amount: String(overpayment.amount) },
    unidentified: null,
  };
}
