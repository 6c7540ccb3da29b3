import { writeCsv } from '../../src/protocol/transfer/csv.js';
import { TRANSFER_LAYOUT, type TransferRow } from '../../src/protocol/transfer/layout.js';

/** Rows of each case: what a case of a municipality that has been collecting for some years looks like. */
const LINES = 8;
const NOTICES = 10;
const CONTACTS = 12;

const caseNoOf = (no: number) => `C-${String(no).padStart(7, '0')}`;

/** The files of so many invented cases (移管データ), in the order of their names. */
export function transferFiles(
  cases: number,
): readonly (readonly [name: string, bytes: AsyncIterable<Uint8Array>])[] {
  return [
    [
      '01_taxpayer.csv',
      writeCsv('01_taxpayer.csv', TRANSFER_LAYOUT['01_taxpayer.csv'], each(cases, 1, taxpayer)),
    ],
    [
      '03_ledger.csv',
      writeCsv('03_ledger.csv', TRANSFER_LAYOUT['03_ledger.csv'], each(cases, LINES, ledgerLine)),
    ],
    [
      '04_notices.csv',
      writeCsv('04_notices.csv', TRANSFER_LAYOUT['04_notices.csv'], each(cases, NOTICES, notice)),
    ],
    [
      '05_contacts.csv',
      writeCsv('05_contacts.csv', TRANSFER_LAYOUT['05_contacts.csv'], each(cases, CONTACTS, contact)),
    ],
  ];
}

function* each<R>(cases: number, rows: number, rowOf: (caseNo: string, row: number) => R): Generator<R> {
  for (let no = 1; no <= cases; no += 1)
    for (let row = 1; row <= rows; row += 1) yield rowOf(caseNoOf(no), row);
}

function taxpayer(caseNo: string): TransferRow['01_taxpayer.csv'] {
  return {
    caseNo,
    addresseeNo: caseNo.replaceAll(/\D/g, ''),
    name: '蔵守 太郎',
    kana: 'クラモリ タロウ',
    birthDate: '1970-01-31',
    sex: 'M',
    address: '架空市中央一丁目2番3号 蔵ビル402',
    phones: '000-0000-0000',
    mailingAddress: null,
    corporateNumber: null,
  };
}

function ledgerLine(caseNo: string, lineNo: number): TransferRow['03_ledger.csv'] {
  const assessed = 10_000n * BigInt(lineNo);
  return {
    caseNo,
    lineNo,
    taxItem: 'RESIDENT',
    levyFiscalYear: 2025,
    taxYear: 2025,
    instalmentNo: lineNo,
    dueOn: '2025-06-30',
    assessed,
    paid: 1_000n,
    reduced: 0n,
    unpaid: assessed - 1_000n,
    lateChargeFixed: 300n,
    lateChargeFrom: '2025-07-01',
    reminderFee: 100n,
    dispositionCost: 0n,
    notes: null,
  };
}

function notice(caseNo: string, row: number): TransferRow['04_notices.csv'] {
  return {
    caseNo,
    lineNo: 1 + (row % LINES),
    kind: 'REMINDER',
    issuedOn: '2025-07-20',
    servedOn: '2025-07-22',
    method: 'POST',
    returned: false,
  };
}

function contact(caseNo: string, row: number): TransferRow['05_contacts.csv'] {
  return {
    caseNo,
    at: `2026-01-${String(1 + (row % 28)).padStart(2, '0')}T01:00:00Z`,
    channel: '電話',
    counterpart: '本人',
    summary: '督促状の件で架電。本人在宅、"来月末までに一部納付"との申出。分納誓約書の提出を求めた。',
    promise: null,
    staffUnit: '収納推進課',
  };
}
