import type { LayoutSource } from '../layout/descriptor.js';
import {
  REFERENCE_END,
  REFERENCE_KINDS,
  REFERENCE_PHYSICAL,
  REFERENCE_TRAILER,
  referenceHeader,
} from './receiptPlain.js';

/** ① MPN済通収納データ, our reference layout (handbook 21 §4.1). Needs the code list `taxItem`. Paid exactly as billed. */
export const RECEIPT_MPN: LayoutSource = {
  id: 'receipt-mpn.ref',
  version: 1,
  kind: 'receiptMpn',
  validFrom: '2026-04-01',
  validTo: null,
  physical: REFERENCE_PHYSICAL,
  recordKind: REFERENCE_KINDS,
  records: {
    header: referenceHeader('11'),
    data: {
      fields: [
        { name: 'kind', at: 1, length: 1, type: 'const', value: '2' },
        { name: 'taxItemCode', at: 2, length: 3, type: 'code', codeList: 'taxItem' },
        { name: 'levyFiscalYear', at: 5, length: 4, type: 'int', min: 1950, max: 2199 },
        { name: 'instalmentNo', at: 9, length: 2, type: 'int' },
        { name: 'billedAmount', at: 11, length: 11, type: 'yen', min: 1 },
        { name: 'paymentNo', at: 22, length: 20, type: 'digits' },
        { name: 'confirmationNo', at: 42, length: 6, type: 'digits' },
        { name: 'collectingBank', at: 48, length: 4, type: 'digits' },
        { name: 'paidOn', at: 52, length: 8, type: 'date8' },
        { name: 'paymentCategory', at: 60, length: 16, type: 'digits', blank: 'null' },
        { name: 'channel', at: 76, length: 1, type: 'code', codeList: 'mpnChannel' },
        { name: 'reserved', at: 77, length: 44, type: 'filler' },
      ],
    },
    trailer: REFERENCE_TRAILER,
    end: REFERENCE_END,
  },
  codeLists: {
    mpnChannel: {
      '1': 'counter',
      '2': 'atm',
      '3': 'internet',
      '4': 'convenience',
      '5': 'app',
      '6': 'elqr',
      '7': 'card',
    },
  },
  totals: [
    { trailerField: 'count', is: 'count(data)' },
    { trailerField: 'total', is: 'sum(billedAmount)' },
  ],
  unique: [['paymentNo', 'confirmationNo', 'paidOn']],
};
