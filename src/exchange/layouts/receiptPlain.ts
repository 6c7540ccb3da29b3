import type { LayoutSource } from '../layout/descriptor.js';

/** Parts that all reference layouts share (handbook 21 §4). */
export const REFERENCE_PHYSICAL = {
  form: 'fixed',
  recordLength: 120,
  eol: ['CRLF', 'none'],
  encoding: 'jisx0201',
  eofMark: 'allow',
} satisfies LayoutSource['physical'];

export const REFERENCE_KINDS = {
  at: 1,
  length: 1,
  map: { '1': 'header', '2': 'data', '8': 'trailer', '9': 'end' },
} satisfies LayoutSource['recordKind'];

/** Header of a file kind (`12` is ② 汎用収納). `creditDate` is 収入日, the day the money reached the treasury account. */
export function referenceHeader(fileKind: string): LayoutSource['records']['header'] {
  return {
    fields: [
      { name: 'kind', at: 1, length: 1, type: 'const', value: '1' },
      { name: 'fileKind', at: 2, length: 2, type: 'const', value: fileKind },
      { name: 'codeKind', at: 4, length: 1, type: 'const', value: '0' },
      { name: 'municipalityCode', at: 5, length: 6, type: 'digits' },
      { name: 'creditDate', at: 11, length: 8, type: 'date8' },
      { name: 'createdAt', at: 19, length: 14, type: 'digits' },
      { name: 'sequenceNo', at: 33, length: 4, type: 'digits' },
      { name: 'designatedBank', at: 37, length: 4, type: 'digits' },
      { name: 'reserved', at: 41, length: 80, type: 'filler' },
    ],
  };
}

export const REFERENCE_TRAILER = {
  fields: [
    { name: 'kind', at: 1, length: 1, type: 'const', value: '8' },
    { name: 'count', at: 2, length: 8, type: 'int' },
    { name: 'total', at: 10, length: 14, type: 'yen' },
    { name: 'reserved', at: 24, length: 97, type: 'filler' },
  ],
} satisfies LayoutSource['records']['trailer'];

export const REFERENCE_END = {
  fields: [
    { name: 'kind', at: 1, length: 1, type: 'const', value: '9' },
    { name: 'reserved', at: 2, length: 119, type: 'filler' },
  ],
} satisfies LayoutSource['records']['end'];

const CHECKS = [
  { id: 'R_PAID', when: 'data', expr: 'taxAmount + lateCharge > 0', severity: 'error' },
  {
    id: 'R_OVER',
    when: 'data',
    expr: 'billedAmount == null || taxAmount <= billedAmount',
    severity: 'warning',
  },
] satisfies LayoutSource['checks'];

const TOTALS = [
  { trailerField: 'count', is: 'count(data)' },
  { trailerField: 'total', is: 'sum(taxAmount + lateCharge)' },
];

/** OCR/手書: a slip that a machine read, or a person keyed. */
const CODE_LISTS = { slipChannel: { '1': 'ocr', '2': 'keyed' } };

/** ② 汎用収納データ, our reference layout (handbook 21 §4.2). Needs the code list `taxItem`. */
export const RECEIPT_PLAIN: LayoutSource = {
  id: 'receipt-plain.ref',
  version: 1,
  kind: 'receiptPlain',
  validFrom: '2026-04-01',
  validTo: null,
  physical: REFERENCE_PHYSICAL,
  recordKind: REFERENCE_KINDS,
  records: {
    header: referenceHeader('12'),
    data: {
      fields: [
        { name: 'kind', at: 1, length: 1, type: 'const', value: '2' },
        { name: 'taxItemCode', at: 2, length: 3, type: 'code', codeList: 'taxItem' },
        { name: 'levyFiscalYear', at: 5, length: 4, type: 'int', min: 1950, max: 2199 },
        { name: 'instalmentNo', at: 9, length: 2, type: 'int' },
        { name: 'billedAmount', at: 11, length: 11, type: 'yen', blank: 'null' },
        { name: 'taxAmount', at: 22, length: 11, type: 'yen' },
        { name: 'lateCharge', at: 33, length: 9, type: 'yen' },
        { name: 'collectingBank', at: 42, length: 4, type: 'digits' },
        { name: 'paidOn', at: 46, length: 8, type: 'date8' },
        { name: 'channel', at: 54, length: 1, type: 'code', codeList: 'slipChannel' },
        { name: 'ocrLine', at: 55, length: 44, type: 'digits', blank: 'null' },
        { name: 'noticeNo', at: 99, length: 10, type: 'digits', blank: 'null' },
        { name: 'reserved', at: 109, length: 12, type: 'filler' },
      ],
    },
    trailer: REFERENCE_TRAILER,
    end: REFERENCE_END,
  },
  codeLists: CODE_LISTS,
  totals: TOTALS,
  checks: CHECKS,
};

/** CSV twin of ② (handbook 21 §4.7). `instalmentNo` keeps its two digits, so that an added digit is seen. */
export const RECEIPT_PLAIN_CSV: LayoutSource = {
  id: 'receipt-plain.csv',
  version: 1,
  kind: 'receiptPlain',
  validFrom: '2026-04-01',
  validTo: null,
  physical: { form: 'csv', encoding: 'utf8', trailerMark: '#TRAILER' },
  records: {
    data: {
      fields: [
        { name: 'taxItemCode', type: 'code', codeList: 'taxItem' },
        { name: 'levyFiscalYear', length: 4, type: 'int', min: 1950, max: 2199 },
        { name: 'instalmentNo', length: 2, type: 'int' },
        { name: 'billedAmount', type: 'yen', blank: 'null' },
        { name: 'taxAmount', type: 'yen' },
        { name: 'lateCharge', type: 'yen' },
        { name: 'collectingBank', length: 4, type: 'digits' },
        { name: 'paidOn', type: 'dateIso' },
        { name: 'channel', type: 'code', codeList: 'slipChannel' },
        { name: 'ocrLine', length: 44, type: 'digits', blank: 'null' },
        { name: 'noticeNo', length: 10, type: 'digits', blank: 'null' },
      ],
    },
    trailer: {
      fields: [
        { name: 'mark', type: 'const', value: '#TRAILER' },
        { name: 'count', type: 'int' },
        { name: 'total', type: 'yen' },
      ],
    },
  },
  codeLists: CODE_LISTS,
  totals: TOTALS,
  checks: CHECKS,
};
