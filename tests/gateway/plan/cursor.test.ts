import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCursor, decodeNumberCursor, encodeCursor } from '../../../src/gateway/plan/cursor.js';
import { isKuramoriError } from '../../../src/kernel/errors.js';

function refused(cursor: unknown, type = 'Addressee'): boolean {
  try {
    decodeCursor(cursor, type);
    return false;
  } catch (error) {
    return isKuramoriError(error, 'BAD_INPUT');
  }
}

describe('cursors', () => {
  test('what was encoded is decoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }), (key) => {
        expect(decodeCursor(encodeCursor('Addressee', key), 'Addressee')).toBe(key);
      }),
    );
  });

  test('a cursor of another list is refused', () => {
    expect(refused(encodeCursor('LevyLine', '1'))).toBe(true);
  });

  test('anything else is refused', () => {
    for (const cursor of ['', 'x', 'QWRkcmVzc2VlOg', 1, null, undefined, {}, 'A'.repeat(1000)])
      expect(refused(cursor)).toBe(true);
  });

  test('no text is both accepted and not our own encoding', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(refused(text) || encodeCursor('Addressee', decodeCursor(text, 'Addressee')) === text).toBe(
          true,
        );
      }),
    );
  });
});

test('a cursor to a numbered row holds a number that the database can take', () => {
  expect(decodeNumberCursor(encodeCursor('LevyLine', '999999999999999999'), 'LevyLine')).toBe(
    '999999999999999999',
  );
  for (const key of ['x', '007', '-1', '1.5', '1e3', '9'.repeat(19), ' 1']) {
    expect(() => decodeNumberCursor(encodeCursor('LevyLine', key), 'LevyLine')).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  }
});
