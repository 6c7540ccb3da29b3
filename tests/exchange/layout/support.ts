import fc from 'fast-check';
import { compileLayout, type Layout } from '../../../src/exchange/layout/compile.js';
import { startDecoding, type DecodedFile, type DecodedRecord } from '../../../src/exchange/layout/decoder.js';
import type { DecodedFields } from '../../../src/exchange/layout/field.js';
import { RECEIPT_MPN } from '../../../src/exchange/layouts/receiptMpn.js';
import { RECEIPT_PLAIN, RECEIPT_PLAIN_CSV } from '../../../src/exchange/layouts/receiptPlain.js';

export const CODE_LISTS = {
  taxItem: new Map([
    ['001', '001'],
    ['010', '010'],
    ['050', '050'],
  ]),
};
export const PLAIN = compileLayout(RECEIPT_PLAIN, CODE_LISTS);
export const PLAIN_CSV = compileLayout(RECEIPT_PLAIN_CSV, CODE_LISTS);
export const MPN = compileLayout(RECEIPT_MPN, CODE_LISTS);
export const HEADER = {
  municipalityCode: '139999',
  creditDate: '2026-07-03',
  createdAt: '20260703180000',
  sequenceNo: '0001',
  designatedBank: '0001',
};

/** Reads a whole file, in pieces of `pieceBytes`. */
export function decodeAll(
  layout: Layout,
  bytes: Buffer,
  pieceBytes = bytes.length || 1,
): DecodedFile & { records: DecodedRecord[] } {
  const records: DecodedRecord[] = [];
  const decoder = startDecoding(layout, (record) => records.push(record));
  for (let from = 0; from < bytes.length; from += pieceBytes)
    decoder.push(bytes.subarray(from, from + pieceBytes));
  return { ...decoder.finish(), records };
}

/** Whether a file is read without any fault, in whole or record. */
export function isAccepted(layout: Layout, bytes: Buffer): boolean {
  try {
    return decodeAll(layout, bytes).badCount === 0;
  } catch {
    return false;
  }
}

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
const day = fc
  .integer({ min: 0, max: 20_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
const yen = (max: bigint) => fc.bigInt({ min: 0n, max });
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });

export const plainSlip: fc.Arbitrary<DecodedFields> = fc
  .record({
    taxItemCode: fc.constantFrom('001', '010', '050'),
    levyFiscalYear: fc.integer({ min: 1950, max: 2199 }),
    instalmentNo: fc.integer({ min: 0, max: 99 }),
    billedAmount: optional(yen(99_999_999_999n)),
    taxAmount: yen(99_999_999_999n),
    lateCharge: yen(999_999_999n),
    collectingBank: digits(4),
    paidOn: day,
    channel: fc.constantFrom('ocr', 'keyed'),
    ocrLine: optional(digits(44)),
    noticeNo: optional(digits(10)),
  })
  .filter(({ taxAmount, lateCharge }) => taxAmount + lateCharge > 0n);

export const mpnSlip: fc.Arbitrary<DecodedFields> = fc.record({
  taxItemCode: fc.constantFrom('001', '010'),
  levyFiscalYear: fc.integer({ min: 1950, max: 2199 }),
  instalmentNo: fc.integer({ min: 0, max: 99 }),
  billedAmount: fc.bigInt({ min: 1n, max: 99_999_999_999n }),
  paymentNo: digits(20),
  confirmationNo: digits(6),
  collectingBank: digits(4),
  paidOn: day,
  paymentCategory: optional(digits(16)),
  channel: fc.constantFrom('counter', 'atm', 'elqr'),
});
