import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IndividualNumber } from '../../../src/vault/number/individualNumber.js';
import { parseNumber, type ParseMode } from '../../../src/vault/number/parse.js';
import { NumberRefusal, type NumberRule } from '../../../src/vault/number/refusal.js';
import { PATTERNED_NUMBERS, range } from './support/patterned.js';
import { anyCharacter } from '../../support/anyCharacter.js';

const digitsOf = (number: IndividualNumber) =>
  number.withPlaintext((digits) => Buffer.from(digits).toString());

/** The digits, or the rule that refused. */
function outcome(value: unknown, mode: ParseMode): string {
  try {
    return digitsOf(parseNumber(value, mode));
  } catch (error) {
    if (error instanceof NumberRefusal) return error.rule;
    throw error;
  }
}

const VALID = '123456789018';
const FULL_WIDTH = '１２３４５６７８９０１８';
const SEPARATORS = [
  0x0020, 0x00a0, 0x3000, 0x002d, 0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xff0d, 0x30fc,
].map((code) => String.fromCharCode(code));

/** Rows: input, strict, lenient (handbook 10 §4). */
const BOTH: readonly (readonly [string, unknown, string, string])[] = [
  ['a valid number', VALID, VALID, VALID],
  ['a JSON number', 123456789018, 'TYPE', 'TYPE'],
  ['null', null, 'TYPE', 'TYPE'],
  ['undefined', undefined, 'TYPE', 'TYPE'],
  ['an array', [VALID], 'TYPE', 'TYPE'],
  ['an object with toString', { toString: () => VALID }, 'TYPE', 'TYPE'],
  ['a String object', Object(VALID), 'TYPE', 'TYPE'],
  ['nothing', '', 'INVALID_LENGTH', 'INVALID_LENGTH'],
  ['32 digits', '1'.repeat(32), 'INVALID_LENGTH', 'INVALID_LENGTH'],
  ['33 digits', '1'.repeat(33), 'TOO_LONG', 'TOO_LONG'],
  ['33 characters that no rule would take', '\u{200b}'.repeat(33), 'TOO_LONG', 'TOO_LONG'],
  ['17 characters of two code units each', '𝟏'.repeat(17), 'TOO_LONG', 'TOO_LONG'],
  ['a valid number among 21 spaces', `${VALID}${' '.repeat(21)}`, 'TOO_LONG', 'TOO_LONG'],
  ['a valid number among 20 spaces', `${VALID}${' '.repeat(20)}`, 'INVALID_CHARACTER', VALID],
  ['full-width digits', FULL_WIDTH, 'INVALID_CHARACTER', VALID],
  ['full-width groups', '１２３４－５６７８－９０１８', 'INVALID_CHARACTER', VALID],
  ['ASCII groups', '1234-5678-9018', 'INVALID_CHARACTER', VALID],
  ['digits of both widths', '1２3４5６7８9０1８', 'INVALID_CHARACTER', VALID],
  ['a trailing newline', `${VALID}\n`, 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a tab', `1234\t56789018`, 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a zero-width space', `1234\u{200b}56789018`, 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a byte order mark', `\u{feff}${VALID}`, 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a circled digit, which NFKC would map', '①23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a superscript digit, which NFKC would map', '1²3456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['Arabic digits, which are decimal digits', '١23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['mathematical digits', '𝟏23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a lone surrogate', '\u{d835}23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['the neighbours of 0', '/23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['the neighbours of 9', ':23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['the neighbour of full-width 0', '／23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['the neighbour of full-width 9', '：23456789018', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['a sign', `+${VALID}`, 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['an exponent', '123456789e18', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['separators alone', ' - - ', 'INVALID_CHARACTER', 'INVALID_LENGTH'],
  ['a bad character in a text of the wrong length', '12x', 'INVALID_CHARACTER', 'INVALID_CHARACTER'],
  ['eleven digits', '12345678901', 'INVALID_LENGTH', 'INVALID_LENGTH'],
  ['thirteen digits', '1234567890189', 'INVALID_LENGTH', 'INVALID_LENGTH'],
  ['a wrong check digit', '123456789012', 'INVALID_CHECK_DIGIT', 'INVALID_CHECK_DIGIT'],
  ['twelve zeros', '000000000000', 'PLACEHOLDER', 'PLACEHOLDER'],
];

describe('parsing (handbook 10 §4)', () => {
  test.each(BOTH)('%s', (_, value, strict, lenient) => {
    expect([outcome(value, 'strict'), outcome(value, 'lenient')]).toEqual([strict, lenient]);
  });

  test.each(SEPARATORS.map((separator) => [separator.charCodeAt(0).toString(16), separator]))(
    'U+%s separates in lenient mode alone, wherever it stands',
    (_, separator) => {
      const text = `${separator}1234${separator}5678${separator}${separator}9018${separator}`;
      expect([outcome(text, 'strict'), outcome(text, 'lenient')]).toEqual(['INVALID_CHARACTER', VALID]);
    },
  );

  test('of the 65,536 code units, ten are read strictly; ten and eleven more leniently', () => {
    const read = (mode: ParseMode) =>
      range(0x10000).filter((unit) => outcome(String.fromCharCode(unit), mode) !== 'INVALID_CHARACTER');
    const digits = range(10).map((digit) => 0x30 + digit);
    const fullWidth = range(10).map((digit) => 0xff10 + digit);
    const separators = SEPARATORS.map((separator) => separator.charCodeAt(0));
    expect(read('strict')).toEqual(digits);
    expect(read('lenient')).toEqual([...digits, ...fullWidth, ...separators].toSorted((a, b) => a - b));
  });

  test('of twelve equal digits only zeros pass the check digit, and are a placeholder', () => {
    expect(range(10).map((digit) => outcome(String(digit).repeat(12), 'strict'))).toEqual([
      'PLACEHOLDER',
      ...Array.from({ length: 9 }, () => 'INVALID_CHECK_DIGIT'),
    ]);
  });

  test.each([
    ['123456789018', '123456789018'],
    ['023456789013', '023456789013'],
    ['123456789000', '123456789000'],
    ['983205673214', '983205673214'],
    ['123456789012', 'INVALID_CHECK_DIGIT'],
    ['983205673210', 'INVALID_CHECK_DIGIT'],
    ['123456789001', 'INVALID_CHECK_DIGIT'],
    ['12345678901', 'INVALID_LENGTH'],
    ['1234567890189', 'INVALID_LENGTH'],
    ['12345678901X', 'INVALID_CHARACTER'],
    ['', 'INVALID_LENGTH'],
  ])('published example %j: %s', (input, expected) => {
    expect(outcome(input, 'strict')).toBe(expected);
  });

  test('any writing of a valid number with separators and full-width digits is that number', () => {
    const writing = fc
      .constantFrom(...PATTERNED_NUMBERS)
      .chain((number) =>
        fc.tuple(
          fc.constant(number),
          fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
          fc.array(fc.constantFrom('', '', ...SEPARATORS), { minLength: 13, maxLength: 13 }),
        ),
      );
    fc.assert(
      fc.property(writing, ([number, wide, separators]) => {
        const text =
          separators[12]! +
          [...number].map((digit, at) => separators[at]! + (wide[at] ? fullWidth(digit) : digit)).join('');
        expect(outcome(text, 'lenient')).toBe(number);
        expect(outcome(text, 'strict')).toBe(text === number ? number : 'INVALID_CHARACTER');
      }),
    );
  });

  test('any text is either a number or refused by a rule, and lenient takes all that strict takes', () => {
    const rules: NumberRule[] = ['TOO_LONG', 'INVALID_CHARACTER', 'INVALID_LENGTH', 'INVALID_CHECK_DIGIT'];
    const anyText = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('1', '２', '-', ' ', 'x'), maxLength: 40 }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const strict = outcome(text, 'strict');
        const lenient = outcome(text, 'lenient');
        expect(rules.includes(strict as NumberRule) || strict === text).toBe(true);
        if (strict === text) expect(lenient).toBe(text);
      }),
    );
  });
});

describe('a refusal', () => {
  test.each(BOTH.filter(([, , strict]) => /^[A-Z]/.test(strict)))(
    'tells the rule and nothing of the input: %s',
    (_, value, strict) => {
      const error = refusalOf(value);
      expect({ code: error.code, rule: error.rule, facts: error.facts, cause: error.cause }).toEqual({
        code: 'BAD_INPUT',
        rule: strict,
        facts: { rule: strict },
        cause: undefined,
      });
      expect(error.message).toBe(
        'The individual number is not valid. Compare it with the document and enter it again.',
      );
    },
  );
});

function refusalOf(value: unknown): NumberRefusal {
  try {
    parseNumber(value, 'strict');
  } catch (error) {
    if (error instanceof NumberRefusal) return error;
  }
  throw new Error('Nothing was refused.');
}

function fullWidth(digit: string): string {
  return String.fromCharCode(digit.charCodeAt(0) - 0x30 + 0xff10);
}
