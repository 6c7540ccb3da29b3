import type { KeyRead } from '../../../collection/receipt/matching.js';
import type { IsoDate } from '../../../kernel/dates.js';
import type { Yen } from '../../../kernel/yen.js';
import type { Layout } from '../../layout/compile.js';
import type { DecodedFields } from '../../layout/field.js';
import { decodeLine } from '../../layout/ocrLine.js';

/** A receipt record in our own words, whatever layout brought it. */
export interface Slip {
  readonly taxItem: string;
  readonly levyFiscalYear: number;
  readonly instalmentNo: number;
  readonly read: KeyRead;
  readonly noticeNo: string | null;
  readonly assessmentYear: number | null;
  readonly returnNo: number | null;
  readonly paymentNo: string | null;
  readonly confirmationNo: string | null;
  /** The keys contradict each other or a check digit fails. */
  readonly contradictory: boolean;
  readonly billedAmount: Yen | null;
  readonly taxAmount: Yen;
  readonly lateCharge: Yen;
  readonly collectingBank: string;
  readonly channel: string;
  readonly paidOn: IsoDate;
}

/** Turns a decoded record of one layout kind into a slip. */
export type SlipReader = (record: DecodedFields) => Slip;

/**
 * The reader for a layout kind.
 * @param ocrLine the compiled layout of the OCR line
 * @param municipalityCode whose slips these should be
 */
export function slipReader(layout: Layout, ocrLine: Layout, municipalityCode: string): SlipReader {
  return layout.descriptor.kind === 'receiptMpn'
    ? mpnSlip
    : (record) => plainSlip(record, ocrLine, municipalityCode);
}

/** ① is paid exactly as billed and carries no late charge (handbook 21 §2). */
function mpnSlip(record: DecodedFields): Slip {
  return {
    ...common(record),
    read: 'paymentNo',
    noticeNo: null,
    assessmentYear: null,
    returnNo: null,
    paymentNo: text(record['paymentNo']),
    confirmationNo: text(record['confirmationNo']),
    contradictory: false,
    taxAmount: record['billedAmount'] as Yen,
    lateCharge: 0n,
  };
}

function plainSlip(record: DecodedFields, ocrLine: Layout, municipalityCode: string): Slip {
  const noticeNo = text(record['noticeNo']);
  const line = text(record['ocrLine']);
  const read = line === null ? undefined : decodeLine(ocrLine, line);
  return {
    ...common(record),
    read: line !== null ? 'levyKey' : noticeNo !== null ? 'noticeNo' : 'none',
    noticeNo: read === undefined ? noticeNo : text(read['noticeNo']),
    assessmentYear: read === undefined ? null : (read['assessmentYear'] as number),
    returnNo: read === undefined ? null : (read['returnNo'] as number),
    paymentNo: null,
    confirmationNo: null,
    contradictory: line !== null && (read === undefined || contradicts(record, read, municipalityCode)),
    taxAmount: record['taxAmount'] as Yen,
    lateCharge: record['lateCharge'] as Yen,
  };
}

const SHARED = ['taxItemCode', 'levyFiscalYear', 'instalmentNo', 'noticeNo', 'billedAmount'] as const;

/** What the record says beside its OCR line must be what the line says. */
function contradicts(record: DecodedFields, line: DecodedFields, municipalityCode: string): boolean {
  if (line['municipalityCode'] !== municipalityCode) return true;
  return SHARED.some((name) => record[name] !== null && record[name] !== line[name]);
}

function common(record: DecodedFields) {
  return {
    taxItem: record['taxItemCode'] as string,
    levyFiscalYear: record['levyFiscalYear'] as number,
    instalmentNo: record['instalmentNo'] as number,
    billedAmount: record['billedAmount'] as Yen | null,
    collectingBank: record['collectingBank'] as string,
    channel: record['channel'] as string,
    paidOn: record['paidOn'] as IsoDate,
  };
}

function text(value: DecodedFields[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
