import { createHash } from 'node:crypto';
import type { PlainDate } from '../../../kernel/dates.js';
import { PAYMENT_FILE_RECORDS_MAX, PAYMENT_FILE_TOTAL_YEN_MAX } from '../../../kernel/limits.js';
import { sumYen, type Yen } from '../../../kernel/yen.js';
import { amountOf } from '../transferRecord.js';
import { digits, text, zenginRecord } from '../zengin.js';

/** 振込依頼人: the municipality as its bank knows it; all names in half-width kana that fit their fields. */
export interface Consignor {
  /** 委託者コード, 10 digits. */
  readonly code: string;
  readonly nameKana: string;
  readonly bankCode: string;
  readonly bankNameKana: string;
  readonly branchCode: string;
  readonly branchNameKana: string;
  /** 1 ordinary, 2 current, 9 other. */
  readonly accountType: string;
  readonly accountNumber: string;
  readonly layout: PaymentLayout;
}

/** How records follow each other (handbook 20 §2.4): what a bank takes. */
export const PAYMENT_LAYOUTS = ['120', '120+CRLF'] as const;
export type PaymentLayout = (typeof PAYMENT_LAYOUTS)[number];

/** What a file is made of: the same makes the same bytes. */
export interface PaymentFileParts {
  readonly consignor: Consignor;
  readonly payOn: PlainDate;
  /** Data records, in their order. */
  readonly records: readonly Uint8Array[];
}

const HEADER = '1';
/** 種別コード */
const TRANSFERS = '21';
/** コード区分 */
const JIS = '0';
const TRAILER = '8';
const END = '9';
const CR_LF = Buffer.from('\r\n', 'latin1');

/** 総合振込: one header, the data records, one trailer, the end; nothing else (handbook 20 §2). Pure. */
export function composePaymentFile({ consignor, payOn, records }: PaymentFileParts): Buffer {
  const all = [
    headerOf(consignor, payOn),
    ...records,
    trailerOf(records),
    zenginRecord([END, ' '.repeat(119)]),
  ];
  return Buffer.concat(consignor.layout === '120' ? all : all.flatMap((record) => [record, CR_LF]));
}

function headerOf(consignor: Consignor, payOn: PlainDate): Uint8Array {
  return zenginRecord([
    HEADER,
    TRANSFERS,
    JIS,
    digits(consignor.code, 10),
    text(consignor.nameKana, 40),
    digits(`${payOn.month}`, 2),
    digits(`${payOn.day}`, 2),
    digits(consignor.bankCode, 4),
    text(consignor.bankNameKana, 15),
    digits(consignor.branchCode, 3),
    text(consignor.branchNameKana, 15),
    digits(consignor.accountType, 1),
    digits(consignor.accountNumber, 7),
    ' '.repeat(17),
  ]);
}

function trailerOf(records: readonly Uint8Array[]): Uint8Array {
  return zenginRecord([
    TRAILER,
    digits(`${records.length}`, 6),
    digits(totalOf(records).toString(), 12),
    ' '.repeat(101),
  ]);
}

/** 合計金額. @throws KuramoriError INTEGRITY_FAILURE for what is no data record */
export function totalOf(records: readonly Uint8Array[]): Yen {
  return sumYen(records.map(amountOf));
}

/**
 * How many of the first records one file has room for, by count and by total; the others are for the next. Pure.
 * @throws KuramoriError INTEGRITY_FAILURE for what is no data record
 */
export function fittingRecords(records: readonly Uint8Array[]): number {
  let total = 0n;
  const end = records.findIndex((record, at) => {
    total += amountOf(record);
    return at >= PAYMENT_FILE_RECORDS_MAX || total > PAYMENT_FILE_TOTAL_YEN_MAX;
  });
  return end === -1 ? records.length : end;
}

/** `sha256:` and hexadecimal, as `sha256sum` prints it. */
export function fileDigest(file: Uint8Array): string {
  return `sha256:${createHash('sha256').update(file).digest('hex')}`;
}
