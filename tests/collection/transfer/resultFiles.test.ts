import { expect, test } from 'vitest';
import { assertSumExact } from '../../../src/collection/transfer/resultFiles.js';
import { heldWhole } from '../../../src/collection/transfer/portions.js';
import { YEN_MAX } from '../../../src/kernel/yen.js';

test('amounts that are exact together are taken', () => {
  expect(() => assertSumExact([])).not.toThrow();
  expect(() => assertSumExact([YEN_MAX - 1n, 1n])).not.toThrow();
});

test('a result whose amounts are not is held as a whole, by the row that made it so', () => {
  const held = () => {
    try {
      assertSumExact([YEN_MAX, 0n, 1n, 5n]);
      return undefined;
    } catch (error) {
      return heldWhole(error);
    }
  };
  expect(held()).toEqual({
    caseNo: null,
    code: 'unreadable',
    file: '22_collections.csv',
    row: 3,
    collected: 0n,
  });
});
