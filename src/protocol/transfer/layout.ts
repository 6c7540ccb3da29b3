import { TRANSFER_LINES_PER_CASE_MAX } from '../../kernel/limits.js';
import { code, day, flag, instant, integer, optional, text, yen, type RowOf } from './column.js';

/**
 * The files of a transfer package (移管データ) to a collection organization (滞納整理機構): handbook 13 §2. Names of the
 * ledger are those of the records database, so that one thing has one word. Rows stand in the order of their case
 * numbers, which keeps every check of a package in bounded memory.
 */

/** 滞納事案番号. */
export const CASE_NO = /^[0-9A-Z][0-9A-Z-]{0,19}$/;
/** 宛名番号. */
const ADDRESSEE_NO = /^[0-9A-Z]{1,20}$/;
const TAX_ITEM = /^[0-9A-Z_]{1,20}$/;
const YEAR_MAX = 9_999;
const TERM_MAX = 99;

const caseNo = code('滞納事案番号', CASE_NO);
const lineNo = integer('明細番号', TRANSFER_LINES_PER_CASE_MAX);
const staffUnit = text('担当課係');

/** 執行停止: grounds of 地方税法 第15条の7第1項, by number. */
const SUSPENSION_GROUNDS = ['1', '2', '3'] as const;
/** 不納欠損: 第18条, 第15条の7第4項, 第15条の7第5項. */
const WRITE_OFF_GROUNDS = ['LIMITATION', 'STAY_THREE_YEARS', 'IMMEDIATE'] as const;
/** 財産の種類. */
export const ASSET_KINDS = [
  'DEPOSIT',
  'SALARY',
  'LIFE_INSURANCE',
  'REAL_ESTATE',
  'VEHICLE',
  'OTHER_CLAIM',
] as const;
const RENEWALS =
  /^(REMINDER|SEIZURE|ACKNOWLEDGEMENT):\d{4}-\d{2}-\d{2}(;(REMINDER|SEIZURE|ACKNOWLEDGEMENT):\d{4}-\d{2}-\d{2}){0,49}$/;

export const TRANSFER_LAYOUT = {
  '01_taxpayer.csv': {
    caseNo,
    addresseeNo: code('宛名番号', ADDRESSEE_NO),
    name: text('氏名・名称'),
    kana: optional(text('カナ')),
    birthDate: optional(day('生年月日')),
    sex: optional(code('性別', ['M', 'F', 'X'])),
    address: text('住所・所在地'),
    phones: optional(text('電話番号')),
    mailingAddress: optional(text('送付先')),
    corporateNumber: optional(code('法人番号', /^\d{13}$/)),
  },
  '02_related.csv': {
    caseNo,
    role: code('関係', ['RELATED', 'TAX_AGENT', 'HEIR', 'SECONDARY_TAXPAYER']),
    name: text('氏名・名称'),
    address: optional(text('住所・所在地')),
    since: optional(day('開始日')),
  },
  '03_ledger.csv': {
    caseNo,
    lineNo,
    taxItem: code('税目', TAX_ITEM),
    levyFiscalYear: integer('調定年度', YEAR_MAX),
    taxYear: integer('相当年度', YEAR_MAX),
    instalmentNo: integer('期別', TERM_MAX),
    dueOn: day('納期限'),
    assessed: yen('調定額'),
    paid: yen('収納額'),
    reduced: yen('減額'),
    unpaid: yen('未納額'),
    lateChargeFixed: yen('確定延滞金額'),
    lateChargeFrom: optional(day('延滞金起算日')),
    reminderFee: yen('督促手数料'),
    dispositionCost: yen('滞納処分費'),
    notes: optional(text('備考')),
  },
  '04_notices.csv': {
    caseNo,
    lineNo: optional(lineNo),
    kind: code('種別', ['REMINDER', 'DEMAND', 'FINAL_NOTICE']),
    issuedOn: day('発送日'),
    servedOn: optional(day('送達日')),
    method: code('送達方法', ['HAND', 'POST', 'PUBLIC_NOTICE']),
    returned: flag('返戻'),
  },
  '05_contacts.csv': {
    caseNo,
    at: instant('日時'),
    channel: text('手段'),
    counterpart: optional(text('相手')),
    summary: text('経過'),
    promise: optional(text('約束')),
    staffUnit,
  },
  '06_assets.csv': {
    caseNo,
    assetNo: integer('財産番号', TRANSFER_LINES_PER_CASE_MAX),
    kind: code('種別', ASSET_KINDS),
    identification: text('財産の表示'),
    investigatedOn: day('調査日'),
    result: text('調査結果'),
  },
  '07_dispositions.csv': {
    caseNo,
    kind: code('種別', ['SEIZURE', 'DISTRIBUTION_DEMAND', 'JOINED_SEIZURE']),
    assetNo: optional(integer('財産番号', TRANSFER_LINES_PER_CASE_MAX)),
    registeredOn: day('登記・執行日'),
    receiptNo: optional(text('受付番号')),
    releasedOn: optional(day('解除日')),
  },
  '08_promises.csv': {
    caseNo,
    promiseNo: integer('誓約番号', TRANSFER_LINES_PER_CASE_MAX),
    dueOn: day('納付予定日'),
    amount: yen('納付予定額'),
    state: code('状態', ['RUNNING', 'KEPT', 'BROKEN', 'CANCELLED']),
    legalGround: optional(text('根拠')),
  },
  '09_suspension.csv': {
    caseNo,
    kind: code('種別', ['SUSPENSION', 'WRITE_OFF']),
    ground: code('根拠', [...SUSPENSION_GROUNDS, ...WRITE_OFF_GROUNDS]),
    from: day('開始日・消滅日'),
    until: optional(day('終了日')),
    amount: optional(yen('不納欠損額')),
  },
  '10_limitation.csv': {
    caseNo,
    lineNo,
    startsOn: day('起算日'),
    completesOn: day('完成日'),
    renewals: optional(code('更新', RENEWALS)),
  },
} as const;

/**
 * 個人番号: not part of the default profile. The vault makes this file in memory; the records side never has it.
 */
export const INDIVIDUAL_NUMBER_LAYOUT = {
  '11_individual_number.csv': {
    caseNo,
    addresseeNo: code('宛名番号', ADDRESSEE_NO),
    individualNumber: code('個人番号', /^\d{12}$/),
  },
} as const;

export const INDIVIDUAL_NUMBER_FILE = '11_individual_number.csv';
export const TAXPAYER_FILE = '01_taxpayer.csv';
export const LEDGER_FILE = '03_ledger.csv';

/** The ten files that the records side hands over. */
export type TransferFileName = keyof typeof TRANSFER_LAYOUT;

/** A row of one of them: `TransferRow['01_taxpayer.csv']`. */
export type TransferRow = { readonly [F in TransferFileName]: RowOf<(typeof TRANSFER_LAYOUT)[F]> };

/** Names of the ten files, in their order. */
export const TRANSFER_FILE_NAMES = Object.keys(TRANSFER_LAYOUT) as readonly TransferFileName[];

/** Whether a name is one of the ten. */
export function isTransferFileName(name: string): name is TransferFileName {
  return Object.hasOwn(TRANSFER_LAYOUT, name);
}
