import { expect, test } from 'vitest';
import { placeContacts } from '../../../../src/collection/transfer/acts/contact.js';
import { Temporal } from '../../../../src/kernel/dates.js';
import type { ResultRow } from '../../../../src/protocol/transfer/result.js';
import { STANDING } from './standing.js';

type Row = ResultRow['25_contacts.csv'];
const ROW: Row = {
  caseNo: 'T1',
  at: '2026-11-20T01:00:00Z',
  channel: 'VISIT',
  counterpart: '本人',
  summary: '納付の相談\n次回は来庁',
};
const NOW = Temporal.Instant.from('2026-12-08T01:00:00Z');

const place = (change: Partial<Row>) => placeContacts([ROW, { ...ROW, ...change }], STANDING, NOW);

test('contacts are put to their cases, with the words of our own', () => {
  expect(place({ caseNo: 'T2', channel: 'OTHER', at: '2026-12-08T01:05:00Z' })).toEqual([
    {
      caseId: 1n,
      addresseeNo: 'A1',
      contactedAt: '2026-11-20T01:00:00Z',
      method: 'visit',
      counterpart: '本人',
      summary: '納付の相談\n次回は来庁',
    },
    expect.objectContaining({ caseId: 2n, addresseeNo: 'A2', method: 'other' }),
  ]);
});

test('what may be an individual number is hidden, and other numbers stay', () => {
  const change = { counterpart: '妻（1234-5678-9018）', summary: '番号は123456789018、電話は059-000-0000' };
  expect(place(change)[1]).toMatchObject({
    counterpart: expect.stringContaining('［番号の疑い］') as string,
    summary: '番号は［番号の疑い］、電話は059-000-0000',
  });
});

test.each<[string, Partial<Row>]>([
  ['the organization has no such case of ours', { caseNo: 'T9' }],
  ['the time has not come yet', { at: '2026-12-08T01:05:01Z' }],
])('%s: the file is refused by place', (fault, change) => {
  expect(() => place(change)).toThrow(
    expect.objectContaining({
      code: 'FILE_REJECTED',
      message: `25_contacts.csv, row 2: ${fault}.`,
      facts: expect.objectContaining({ file: '25_contacts.csv', row: 2 }) as object,
    }),
  );
});
