import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lineKey,
  placeCollections,
  type CollectionRow,
  type OpenLine,
} from '../../../src/collection/transfer/result.js';

const PLACE = { file: '22_collections.csv', today: '2026-12-08' };
const LINES = new Map<string, OpenLine>([
  ['T1/1', { lineId: 11n, unpaid: 90_000n, reminderFee: 100n }],
  ['T1/2', { lineId: 12n, unpaid: 40_000n, reminderFee: 0n }],
]);

function row(change: Partial<CollectionRow>): CollectionRow {
  const parts = { tax: 0n, lateCharge: 0n, fees: 0n, dispositionCost: 0n, ...change };
  const amount = parts.tax + parts.lateCharge + parts.fees + parts.dispositionCost;
  return { caseNo: 'T1', lineNo: 1, collectedOn: '2026-12-01', amount, ...parts };
}

describe('collections are put to their lines', () => {
  test('several of one line, up to what is left', () => {
    const placed = placeCollections(
      [row({ tax: 50_000n }), row({ tax: 40_000n, fees: 100n, lateCharge: 9_000n, dispositionCost: 700n })],
      LINES,
      PLACE,
    );
    expect(placed.map(({ lineId }) => lineId)).toEqual([11n, 11n]);
  });

  test.each([
    ['an unknown line', [row({ lineNo: 3, tax: 1n })], 1, 'the organization has no such line of ours'],
    ['an unknown case', [row({ caseNo: 'T2', tax: 1n })], 1, 'the organization has no such line of ours'],
    ['more than is unpaid', [row({ tax: 90_001n })], 1, 'more tax was collected than was unpaid'],
    [
      'more in two rows',
      [row({ tax: 50_000n }), row({ tax: 40_001n })],
      2,
      'more tax was collected than was unpaid',
    ],
    ['more fee than is owed', [row({ fees: 101n })], 1, 'more reminder fee was collected than was owed'],
    [
      'parts that do not add up',
      [{ ...row({ tax: 10n }), amount: 11n }],
      1,
      'the parts do not make up the amount',
    ],
    ['a day to come', [row({ tax: 1n, collectedOn: '2026-12-09' })], 1, 'the day has not come yet'],
  ])('%s refuses the file, with the row', (_, rows, at, fault) => {
    expect(() => placeCollections(rows, LINES, PLACE)).toThrow(
      expect.objectContaining({
        code: 'FILE_REJECTED',
        message: `22_collections.csv, row ${at}: ${fault}.`,
        facts: expect.objectContaining({ file: '22_collections.csv', row: at }) as object,
      }),
    );
  });

  test('what is accepted never exceeds what was left of any line', () => {
    const drawn = fc.record({
      lineNo: fc.constantFrom(1, 2),
      tax: fc.bigInt({ min: 0n, max: 60_000n }),
      fees: fc.constantFrom(0n, 60n),
    });
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 6 }), (rows) => {
        const collections = rows.map(row);
        const sum = (lineNo: number, part: 'tax' | 'fees') =>
          collections
            .filter((each) => each.lineNo === lineNo)
            .reduce((total, each) => total + each[part], 0n);
        const fits = [...LINES].every(([key, { unpaid, reminderFee }]) => {
          const lineNo = Number(key.slice(-1));
          return sum(lineNo, 'tax') <= unpaid && sum(lineNo, 'fees') <= reminderFee;
        });
        const place = () => placeCollections(collections, LINES, PLACE);
        if (fits) expect(place()).toHaveLength(rows.length);
        else expect(place).toThrow(expect.objectContaining({ code: 'FILE_REJECTED' }));
      }),
    );
  });
});

test('lines are named by case and number', () => {
  expect(lineKey({ caseNo: 'T1', lineNo: 12 })).toBe('T1/12');
});
