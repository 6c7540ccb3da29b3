import { describe, expect, test } from 'vitest';
import { ContentCheck } from '../../../src/protocol/transfer/content.js';
import { heading, rowsText } from '../../../src/protocol/transfer/csv.js';
import { CLAIMS, claimsOf, DispositionForms } from '../../../src/protocol/transfer/disposition.js';
import { RESULT_LAYOUT, type ResultRow } from '../../../src/protocol/transfer/result.js';
import { TRANSFER_CLAIMS_PER_DISPOSITION_MAX } from '../../../src/kernel/limits.js';

type Row = ResultRow['23_dispositions.csv'];
const NAME = '23_dispositions.csv';

const END: Row = {
  caseNo: 'A-1',
  dispositionNo: 'K-7',
  act: 'RELEASE',
  on: '2026-12-20',
  claims: null,
  assetKind: null,
  identification: null,
  thirdParty: null,
  receiptNo: null,
};
const SEIZURE: Row = {
  ...END,
  act: 'SEIZURE',
  on: '2026-12-01',
  claims: '1:90000;2:40000',
  assetKind: 'DEPOSIT',
  identification: '普通預金 1234567',
};

test('the claims of a disposition are lines with their amounts (handbook 13 §2, 03 §4)', () => {
  expect(claimsOf('1:90000;2:40000')).toEqual([
    { lineNo: 1, amount: 90_000n },
    { lineNo: 2, amount: 40_000n },
  ]);
});

test.each([
  ['1:0', true],
  [Array.from({ length: TRANSFER_CLAIMS_PER_DISPOSITION_MAX }, (_, at) => `${at + 1}:1`).join(';'), true],
  [
    Array.from({ length: TRANSFER_CLAIMS_PER_DISPOSITION_MAX + 1 }, (_, at) => `${at + 1}:1`).join(';'),
    false,
  ],
  ['', false],
  ['0:1', false],
  ['1', false],
  ['1:01', false],
  ['1:1;', false],
  ['1:1\n', false],
])('a cell of claims is of one form alone (%#)', (cell, isOne) => {
  expect(CLAIMS.test(cell)).toBe(isOne);
});

describe('a row of the file of dispositions', () => {
  test('tells a disposition whole, or its end by its number', () => {
    const forms = new DispositionForms(NAME);
    for (const row of [SEIZURE, { ...SEIZURE, thirdParty: '架空銀行', receiptNo: '第1号' }, END])
      forms.add(row);
  });

  test.each<[string, Partial<Row>]>([
    ['a disposition names its claims and its property', { ...SEIZURE, claims: null }],
    ['a disposition names its claims and its property', { ...SEIZURE, assetKind: null }],
    ['a disposition names its claims and its property', { ...SEIZURE, identification: null }],
    ['a disposition names a line twice', { ...SEIZURE, claims: '1:5;2:5;1:6' }],
    ['the end of a disposition names its number and nothing else', { claims: '1:5' }],
    ['the end of a disposition names its number and nothing else', { assetKind: 'DEPOSIT' }],
    ['the end of a disposition names its number and nothing else', { identification: '預金' }],
    ['the end of a disposition names its number and nothing else', { thirdParty: '架空銀行' }],
    ['the end of a disposition names its number and nothing else', { receiptNo: '第1号' }],
  ])('is refused by place: %s (%#)', (fault, change) => {
    const forms = new DispositionForms(NAME);
    forms.add(END);
    expect(() => forms.add({ ...END, ...change })).toThrow(
      expect.objectContaining({
        code: 'FILE_REJECTED',
        message: `${NAME}, row 2: ${fault}.`,
        facts: { file: NAME, row: 2 },
      }),
    );
  });

  test('is judged by the receiver before anything of the package is kept', () => {
    const check = new ContentCheck('RESULT');
    const pass = <F extends keyof typeof RESULT_LAYOUT>(file: F, rows: readonly ResultRow[F][]) => {
      const columns = RESULT_LAYOUT[file];
      check.begin(file).push(Buffer.from(heading(columns) + rowsText(file, columns, rows as never, 1)));
    };
    pass('21_states.csv', [{ caseNo: 'A-1', state: 'CONTINUED', on: '2026-12-31', judgement: null }]);
    pass(NAME, [SEIZURE, END]);
    expect(() => pass(NAME, [{ ...END, receiptNo: '第1号' }])).toThrow('row 3: the end of a disposition');
  });
});

test('texts about people are bounded by the layout', () => {
  const { summary, counterpart } = RESULT_LAYOUT['25_contacts.csv'];
  expect([summary.accepts('あ'.repeat(4_000)), summary.accepts('あ'.repeat(4_001))]).toEqual([true, false]);
  expect([counterpart.accepts('あ'.repeat(100)), counterpart.accepts('あ'.repeat(101))]).toEqual([
    true,
    false,
  ]);
});
