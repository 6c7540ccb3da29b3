import { expect, test } from 'vitest';
import { actsOf, type LeftLine } from '../../../src/reference/organization/acts.js';

const LINES: readonly LeftLine[] = [
  { caseNo: 'A-1', lineNo: 1, left: 90_000n },
  { caseNo: 'A-1', lineNo: 2, left: 0n },
  { caseNo: 'A-1', lineNo: 3, left: 40_000n },
  { caseNo: 'A-2', lineNo: 1, left: 0n },
];
const NOVEMBER = { until: '2026-11-30', final: false };
const DECEMBER = { until: '2026-12-31', final: false };
const PAID = LINES.map((line) => ({ ...line, left: 0n }));

test('a case that owes something is seized once, for what its lines owe', () => {
  const first = actsOf(LINES, [], NOVEMBER);
  expect(first.dispositions).toMatchObject([
    { caseNo: 'A-1', dispositionNo: 'S-1', act: 'SEIZURE', on: '2026-11-30', claims: '1:90000;3:40000' },
  ]);
  expect(first.contacts.map(({ caseNo, at }) => [caseNo, at])).toEqual([
    ['A-1', '2026-11-29T15:00:00Z'],
    ['A-2', '2026-11-29T15:00:00Z'],
  ]);
  expect(actsOf(LINES, [first], DECEMBER)).toMatchObject({ dispositions: [], renewals: [] });
});

test.each([
  ['everything is paid', PAID, false],
  ['the report is the last one', LINES, true],
])('is released when %s, which renews the limitation of its lines', (_, lines, final) => {
  const first = actsOf(LINES, [], NOVEMBER);
  const second = actsOf(lines, [first], { ...DECEMBER, final });
  expect(second.dispositions).toMatchObject([
    { caseNo: 'A-1', dispositionNo: 'S-1', act: 'RELEASE', on: '2026-12-31', claims: null },
  ]);
  expect(second.renewals).toEqual(
    [1, 3].map((lineNo) => ({ caseNo: 'A-1', lineNo, renewal: 'SEIZURE', renewedOn: '2026-12-31' })),
  );
  expect(actsOf(PAID, [first, second], DECEMBER).dispositions).toEqual([]);
  const again = actsOf(LINES, [first, second], DECEMBER);
  expect(again.dispositions).toMatchObject([{ dispositionNo: 'S-2', act: 'SEIZURE' }]);
});

test('a last report seizes nothing any more', () => {
  expect(actsOf(LINES, [], { ...NOVEMBER, final: true }).dispositions).toEqual([]);
});
