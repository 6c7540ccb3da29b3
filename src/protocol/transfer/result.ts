import {
  CONTACT_COUNTERPART_CHARS_MAX,
  CONTACT_SUMMARY_CHARS_MAX,
  TRANSFER_LINES_PER_CASE_MAX,
  TRANSFER_TEXT_CHARS_MAX,
} from '../../kernel/limits.js';
import { KuramoriError } from '../../kernel/errors.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import { code, day, instant, integer, optional, text, yen, type RowOf } from './column.js';
import { CLAIMS, DISPOSITION_BEGINNINGS, DISPOSITION_ENDS } from './disposition.js';
import { ASSET_KINDS, CASE_NO } from './layout.js';

/**
 * The files of a RESULT package (handbook 13 §7): what an organization reports back of one transfer package, monthly
 * and finally. Rows stand in the order of their case numbers.
 */

const caseNo = code('滞納事案番号', CASE_NO);
const lineNo = integer('明細番号', TRANSFER_LINES_PER_CASE_MAX);

/** 完納・返還・執行停止相当・不納欠損相当・継続. */
export const END_STATES = [
  'PAID_IN_FULL',
  'RETURNED',
  'SUSPENSION_FIT',
  'WRITE_OFF_FIT',
  'CONTINUED',
] as const;
export type EndState = (typeof END_STATES)[number];

export const RESULT_LAYOUT = {
  '21_states.csv': {
    caseNo,
    state: code('結果区分', END_STATES),
    on: day('日付'),
    judgement: optional(text('執行停止・不納欠損についての意見')),
  },
  '22_collections.csv': {
    caseNo,
    lineNo,
    collectedOn: day('収納日'),
    amount: yen('収納額'),
    tax: yen('本税'),
    lateCharge: yen('延滞金'),
    fees: yen('督促手数料'),
    dispositionCost: yen('滞納処分費'),
  },
  '23_dispositions.csv': {
    caseNo,
    dispositionNo: code('処分番号', CASE_NO),
    act: code('種別', [...DISPOSITION_BEGINNINGS, ...DISPOSITION_ENDS]),
    on: day('処分日・終了日'),
    claims: optional(code('処分に係る明細と金額', CLAIMS)),
    assetKind: optional(code('財産の種類', [...ASSET_KINDS, 'MOVABLE'])),
    identification: optional(text('財産の表示', TRANSFER_TEXT_CHARS_MAX)),
    thirdParty: optional(text('第三債務者', TRANSFER_TEXT_CHARS_MAX)),
    receiptNo: optional(text('受付番号', TRANSFER_TEXT_CHARS_MAX)),
  },
  '24_limitation.csv': {
    caseNo,
    lineNo,
    renewal: code('更新', ['SEIZURE', 'ACKNOWLEDGEMENT']),
    renewedOn: day('更新日'),
  },
  '25_contacts.csv': {
    caseNo,
    at: instant('日時'),
    channel: code('手段', ['PHONE', 'VISIT', 'COUNTER', 'LETTER', 'EMAIL', 'OTHER']),
    counterpart: text('相手', CONTACT_COUNTERPART_CHARS_MAX),
    summary: text('経過', CONTACT_SUMMARY_CHARS_MAX),
  },
} as const;

/** One row for each case that is reported on. */
export const STATES_FILE = '21_states.csv';
export const COLLECTIONS_FILE = '22_collections.csv';
export const DISPOSITIONS_FILE = '23_dispositions.csv';
export const RENEWALS_FILE = '24_limitation.csv';
export const CONTACTS_FILE = '25_contacts.csv';

/** A file of a RESULT package. */
export type ResultFileName = keyof typeof RESULT_LAYOUT;

/** A row of one of them: `ResultRow['22_collections.csv']`. */
export type ResultRow = { readonly [F in ResultFileName]: RowOf<(typeof RESULT_LAYOUT)[F]> };

/** What an organization says it has collected, in yen: the sum of `amount` is the money it hands over. */
export interface ResultTotals {
  /** Rows of the file of collections. */
  readonly collections: number;
  readonly amount: Yen;
  readonly tax: Yen;
  readonly lateCharge: Yen;
  readonly fees: Yen;
  readonly dispositionCost: Yen;
}

/** Sums a file of collections as its rows pass. */
export class CollectionTotals {
  #totals: ResultTotals = {
    collections: 0,
    amount: 0n,
    tax: 0n,
    lateCharge: 0n,
    fees: 0n,
    dispositionCost: 0n,
  };

  /** @throws KuramoriError FILE_REJECTED when the parts of an amount do not make it up */
  add({ amount, tax, lateCharge, fees, dispositionCost }: ResultRow['22_collections.csv']): void {
    const sums = this.#totals;
    const row = sums.collections + 1;
    if (amount !== sumYen([tax, lateCharge, fees, dispositionCost]))
      throw new KuramoriError(
        'FILE_REJECTED',
        `${COLLECTIONS_FILE}, row ${row}: the parts do not make up the amount.`,
        {
          file: COLLECTIONS_FILE,
          row,
        },
      );
    this.#totals = {
      collections: row,
      amount: sums.amount + amount,
      tax: sums.tax + tax,
      lateCharge: sums.lateCharge + lateCharge,
      fees: sums.fees + fees,
      dispositionCost: sums.dispositionCost + dispositionCost,
    };
  }

  /** The totals of the whole. */
  end(): ResultTotals {
    return this.#totals;
  }
}
