import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Temporal } from '../../../src/kernel/dates.js';
import {
  matchingRowForm,
  permittingRow,
  type ListedInquiry,
  type MatchingRow,
} from '../../../src/protocol/intermediary/matchingList.js';

const INQUIRER = '0220000000242012';
const row: MatchingRow = {
  rowId: 'ROW-1',
  inquirerBodyCode: INQUIRER,
  providerBodyCode: '1419000000141305',
  taskCode: 'JM00000000000001',
  procedureCode: 'JT00000000000001',
  informationNameCode: 'TM00000000000001',
  itemCodes: ['AA01', 'AA02'],
  validFrom: '2026-07-01',
  validTo: '2027-06-30',
  autoAnswer: true,
};
const inquiry: ListedInquiry = {
  taskCode: row.taskCode,
  procedureCode: row.procedureCode,
  providerBodyCode: row.providerBodyCode,
  informationNameCode: row.informationNameCode,
  itemCodes: ['AA01'],
};
const at = (text: string) => Temporal.Instant.from(text);
const permits = (instant: string, change: Partial<ListedInquiry> = {}, inquirer = INQUIRER) =>
  permittingRow([row], inquirer, { ...inquiry, ...change }, at(instant)) !== undefined;

test('the row of the example is of its form', () => {
  expect(matchingRowForm.parse(row)).toEqual(row);
});

describe('a request is permitted until the last day of its row ends in Japan (handbook 12 §5)', () => {
  test.each([
    ['2027-06-30T14:59:59Z', true],
    ['2027-06-30T15:00:00Z', false],
    ['2026-06-30T14:59:59.999Z', false],
    ['2026-06-30T15:00:00Z', true],
  ])('%s: %s', (instant, expected) => {
    expect(permits(instant)).toBe(expected);
  });
});

describe('a request is refused when anything is not the row’s', () => {
  const within = '2026-11-02T01:00:00Z';
  test.each<[string, Partial<ListedInquiry>]>([
    ['task', { taskCode: 'JM00000000000002' }],
    ['procedure', { procedureCode: 'JT00000000000002' }],
    ['provider', { providerBodyCode: '1300000000000002' }],
    ['information name', { informationNameCode: 'TM00000000000002' }],
    ['one item of several', { itemCodes: ['AA01', 'AA03'] }],
  ])('%s', (_, change) => {
    expect(permits(within, change)).toBe(false);
  });

  test('inquirer', () => expect(permits(within, {}, '0220000000242021')).toBe(false));

  test('an inquiry without items asks for all of them', () => {
    const { itemCodes: _, ...rest } = inquiry;
    expect(permittingRow([row], INQUIRER, rest, at(within))).toBe(row);
  });
});

test('items are permitted exactly when they are all among the row’s', () => {
  const items = fc.uniqueArray(fc.constantFrom('AA01', 'AA02', 'AA03', 'BB01'), { minLength: 1 });
  fc.assert(
    fc.property(items, (itemCodes) => {
      const isSubset = itemCodes.every((item) => item === 'AA01' || item === 'AA02');
      expect(permits('2026-11-02T01:00:00Z', { itemCodes })).toBe(isSubset);
    }),
  );
});
