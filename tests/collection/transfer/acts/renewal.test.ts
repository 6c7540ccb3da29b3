import { expect, test } from 'vitest';
import { placeRenewals } from '../../../../src/collection/transfer/acts/renewal.js';
import type { ResultRow } from '../../../../src/protocol/transfer/result.js';
import { STANDING } from './standing.js';

type Row = ResultRow['24_limitation.csv'];
const ROW: Row = { caseNo: 'T1', lineNo: 2, renewal: 'ACKNOWLEDGEMENT', renewedOn: '2026-11-17' };

const place = (change: Partial<Row>) => placeRenewals([ROW, { ...ROW, ...change }], STANDING, '2026-12-08');

test('renewals are put to their lines, up to today', () => {
  expect(place({ caseNo: 'T2', lineNo: 1, renewal: 'SEIZURE', renewedOn: '2026-12-08' })).toEqual([
    { lineId: 12n, levyId: 102n, kind: 'acknowledgement', renewedOn: '2026-11-17' },
    { lineId: 21n, levyId: 201n, kind: 'seizure', renewedOn: '2026-12-08' },
  ]);
});

test.each<[string, Partial<Row>]>([
  ['the organization has no such line of ours', { lineNo: 3 }],
  ['the organization has no such line of ours', { caseNo: 'T9' }],
  ['the day has not come yet', { renewedOn: '2026-12-09' }],
  ['the day lies before the case was handed over', { renewedOn: '2026-11-16' }],
])('%s: the file is refused by place (%#)', (fault, change) => {
  expect(() => place(change)).toThrow(
    expect.objectContaining({
      code: 'FILE_REJECTED',
      message: `24_limitation.csv, row 2: ${fault}.`,
      facts: expect.objectContaining({ file: '24_limitation.csv', row: 2 }) as object,
    }),
  );
});
