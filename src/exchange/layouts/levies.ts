import type { LayoutSource } from '../layout/descriptor.js';

const YEAR = { length: 4, type: 'int', min: 1950, max: 2199 } as const;

/**
 * 調定データ: what the assessment system hands over, our own CSV: the full key of handbook 01 §2, the amounts and days of
 * each instalment. `recordKind` is `levy` (当初) or `adjustment` (更正: `taxAmount` is the new amount of the line).
 */
export const LEVIES_CSV: LayoutSource = {
  id: 'levies.csv',
  version: 1,
  kind: 'levies',
  validFrom: '2026-04-01',
  validTo: null,
  physical: { form: 'csv', encoding: 'utf8', trailerMark: '#TRAILER' },
  records: {
    data: {
      fields: [
        { name: 'recordKind', type: 'code', codeList: 'levyRecordKind' },
        { name: 'municipalityCode', length: 6, type: 'digits' },
        { name: 'formerMunicipalityCode', length: 6, type: 'digits', blank: 'empty' },
        { name: 'assessmentYear', ...YEAR },
        { name: 'taxYear', ...YEAR },
        { name: 'levyFiscalYear', ...YEAR },
        { name: 'noticeNo', length: 10, type: 'digits' },
        { name: 'taxItemCode', type: 'code', codeList: 'taxItem' },
        { name: 'payrollAgentNo', length: 11, type: 'digits', blank: 'empty' },
        { name: 'instalmentNo', length: 2, type: 'int' },
        { name: 'returnNo', length: 2, type: 'int', blank: 'zero' },
        { name: 'businessYearNo', length: 2, type: 'int', blank: 'zero' },
        { name: 'childAddresseeNo', lengthMax: 15, type: 'digits', blank: 'empty' },
        { name: 'addresseeNo', lengthMax: 15, type: 'digits' },
        { name: 'taxAmount', type: 'yen' },
        { name: 'nominalDueOn', type: 'dateIso' },
        { name: 'statutoryDueOn', type: 'dateIso' },
        { name: 'priorityOn', type: 'dateIso' },
        { name: 'decidedOn', type: 'dateIso' },
        { name: 'notifiedOn', type: 'dateIso' },
        { name: 'paymentNo', lengthMax: 20, type: 'digits', blank: 'empty' },
        { name: 'confirmationNo', lengthMax: 6, type: 'digits', blank: 'empty' },
        { name: 'reason', lengthMax: 200, type: 'text', blank: 'empty' },
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
  codeLists: { levyRecordKind: { levy: 'levy', adjustment: 'adjustment' } },
  totals: [
    { trailerField: 'count', is: 'count(data)' },
    { trailerField: 'total', is: 'sum(taxAmount)' },
  ],
};
