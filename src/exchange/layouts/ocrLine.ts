import type { LayoutSource } from '../layout/descriptor.js';

/**
 * OCR line of our plain slips, 44 digits (handbook 22 §5): the key of the levy line and the amount billed, with two
 * check digits of different methods, so that a digit typed wrong or two swapped are seen. Needs the code list
 * `taxItem`.
 */
export const OCR_LINE: LayoutSource = {
  id: 'ocr-line.ref',
  version: 1,
  kind: 'ocrLine',
  validFrom: '2026-04-01',
  validTo: null,
  physical: { form: 'fixed', recordLength: 44, eol: ['none'], encoding: 'jisx0201', eofMark: 'refuse' },
  records: {
    data: {
      fields: [
        { name: 'municipalityCode', at: 1, length: 6, type: 'digits' },
        { name: 'taxItemCode', at: 7, length: 3, type: 'code', codeList: 'taxItem' },
        { name: 'levyFiscalYear', at: 10, length: 4, type: 'int', min: 1950, max: 2199 },
        { name: 'instalmentNo', at: 14, length: 2, type: 'int' },
        { name: 'noticeNo', at: 16, length: 10, type: 'digits' },
        { name: 'billedAmount', at: 26, length: 11, type: 'yen' },
        { name: 'assessmentYear', at: 37, length: 4, type: 'int', min: 1950, max: 2199 },
        { name: 'returnNo', at: 41, length: 2, type: 'int' },
        {
          name: 'check1',
          at: 43,
          length: 1,
          type: 'digits',
          checkDigit: { method: 'mod10w3', over: [1, 42] },
        },
        {
          name: 'check2',
          at: 44,
          length: 1,
          type: 'digits',
          checkDigit: { method: 'mod11w2to7', over: [1, 43] },
        },
      ],
    },
  },
};
