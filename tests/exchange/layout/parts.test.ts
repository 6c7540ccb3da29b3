import { describe, expect, test } from 'vitest';
import { CHECK_DIGIT_METHODS } from '../../../src/exchange/layout/checkDigit.js';
import { csvCell, splitCsv } from '../../../src/exchange/layout/csv.js';
import { compileExpression } from '../../../src/exchange/layout/expression.js';
import { fieldCodec, type FieldValue } from '../../../src/exchange/layout/field.js';
import {
  kanaFromBytes,
  kanaToBytes,
  textFromBytes,
  textToBytes,
} from '../../../src/exchange/layout/japanese.js';

describe('check digits are as in the vectors of handbook 22', () => {
  test.each([
    ['mod10w3', '9195991983326202401010104348002407100039500', 3],
    ['mod10w3', '9195991983326202401010104347002407100043500', 7],
    ['mod10w3', '9195991901202603250317845500002611300086102', 4],
    ['mod10w21split', '20151119', 3],
    ['mod10w21split', '20151149', 0],
    ['mod10w21', '20151119', 5],
    ['mod11w2to7', '12345678901', 8],
    ['mod7', '1234567', 5],
    ['mod9', '1234567', 1],
  ] as const)('%s of %s is %d', (method, digits, expected) => {
    expect(CHECK_DIGIT_METHODS[method](digits)).toBe(expected);
  });
});

describe('the expressions of a descriptor', () => {
  const known = new Set(['a', 'b', 'n']);
  const value = (text: string, fields: Record<string, FieldValue>) => compileExpression(text, known)(fields);

  test.each([
    ['a + b * 2 == 7', true],
    ['(a + b) * 2 == 8', true],
    ['a - b - 1 == -3', true],
    ['-a == 0 - 1', true],
    ['a < b && b <= 3', true],
    ['a > b || b >= 3', true],
    ['!(a != 1)', true],
    ['a in (2, 3, 1)', true],
    ['a in (2, 3)', false],
    ['n == null', true],
    ['n != null', false],
    ['n + a == 1', false],
    ['n < 5', null],
    ['!n', true],
    ['-n == null', true],
  ])('%s gives %s', (text, expected) => {
    expect(value(text, { a: 1, b: 3n, n: null })).toBe(expected);
  });
});

describe('CSV rows', () => {
  test.each([
    ['a,b,,', ['a', 'b', '', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""no""",', ['say "no"', '']],
    ['""', ['']],
    ['"a', undefined],
    ['"a"b,c', undefined],
    ['a"b,c', undefined],
    ['a,"b""', undefined],
  ])('%s', (line, cells) => {
    expect(splitCsv(line)).toEqual(cells);
  });

  test('are read back as they were written', () => {
    const cells = ['plain', 'a,b', 'say "no"', 'two\nlines', ''];
    expect(splitCsv(cells.map(csvCell).join(','))).toEqual(cells);
  });
});

describe('fields of every type', () => {
  const base = { name: 'f', blank: 'error' as const };
  const roundTrip = (codec: ReturnType<typeof fieldCodec>, value: FieldValue) =>
    codec.decode(codec.encode(value));

  test('signed yen, short dates, half-width kana and double-byte text keep their values', () => {
    const signed = fieldCodec({ ...base, type: 'signedYen', at: 1, length: 8 }, 'fixed');
    expect(signed.encode(-120n)).toBe('-0000120');
    expect([-120n, 120n].map((value) => roundTrip(signed, value))).toEqual([-120n, 120n]);
    expect(signed.decode('--000120')).toEqual({ fault: 'E_NUMERIC' });
    expect(roundTrip(fieldCodec({ ...base, type: 'date6', at: 1, length: 6 }, 'fixed'), '2026-02-28')).toBe(
      '2026-02-28',
    );
    expect(roundTrip(fieldCodec({ ...base, type: 'kana', at: 1, length: 12 }, 'fixed'), 'ｸﾗﾓﾘ ﾀﾛｳ')).toBe(
      'ｸﾗﾓﾘ ﾀﾛｳ',
    );
    expect(roundTrip(fieldCodec({ ...base, type: 'text', at: 1, length: 20 }, 'fixed'), '蔵守商店')).toBe(
      '蔵守商店',
    );
  });

  test('a blank is what the descriptor says', () => {
    const read = (blank: 'error' | 'null' | 'zero' | 'empty', type: 'yen' | 'int' | 'digits') =>
      fieldCodec({ ...base, blank, type, at: 1, length: 3 }, 'fixed').decode('   ');
    expect(read('error', 'yen')).toEqual({ fault: 'E_FIELD_REQUIRED' });
    expect([read('null', 'yen'), read('zero', 'yen'), read('zero', 'int'), read('empty', 'digits')]).toEqual([
      null,
      0n,
      0,
      '',
    ]);
  });

  test('29 February is a day in leap years only', () => {
    const date = fieldCodec({ ...base, type: 'date8', at: 1, length: 8 }, 'fixed');
    expect(
      ['20240229', '20250229', '20000229', '19000229', '18000101'].map((text) => date.decode(text)),
    ).toEqual([
      '2024-02-29',
      { fault: 'E_FIELD_TYPE' },
      '2000-02-29',
      { fault: 'E_FIELD_TYPE' },
      { fault: 'E_FIELD_TYPE' },
    ]);
  });

  test('a lone lead byte is no text and a control character no kana', () => {
    expect(textFromBytes('\x91')).toBeUndefined();
    expect(textFromBytes(textToBytes('収納　'))).toBe('収納');
    expect(kanaFromBytes('A\x01')).toBeUndefined();
    expect(kanaFromBytes(kanaToBytes('ｱﾝｶﾞ'))).toBe('ｱﾝｶﾞ');
  });
});
