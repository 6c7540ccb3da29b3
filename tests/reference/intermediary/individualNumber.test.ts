import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasIndividualNumber } from '../../../src/reference/intermediary/individualNumber.js';
import { PATTERNED_NUMBERS } from '../../vault/number/support/patterned.js';
import { accountLine, newMessageId } from './support/linkage.js';

const fullWidth = (text: string) =>
  text.replaceAll(/\d/g, (digit) => String.fromCharCode(0xfee0 + digit.charCodeAt(0)));
const groups = (separator: string) => (text: string) => text.replaceAll(/(\d{4})(?=\d)/g, `$1${separator}`);

describe('an individual number in a message', () => {
  const spellings = [(text: string) => text, fullWidth, groups(' '), groups('-')];
  const places = [
    (text: string) => ({ a: text }),
    (text: string) => ({ a: [{ b: `about ${text}, of old` }] }),
    (text: string) => ({ [text]: 1 }),
  ];
  test('is found in every spelling and place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PATTERNED_NUMBERS),
        fc.constantFrom(...spellings),
        fc.constantFrom(...places),
        (number, spell, place) => {
          expect(hasIndividualNumber(place(spell(number)))).toBe(true);
        },
      ),
    );
    expect(hasIndividualNumber({ a: 123456789018 })).toBe(true);
  });

  test.each([
    ['a 団体内統合宛名番号', '000123456789018'],
    ['a 機関コード', '0123456789018000'],
    ['a code', 'JM123456789018AB'],
    ['twelve digits without their check digit', '123456789017'],
    ['the last group of a UUID', '019e0000-0000-7000-8000-123456789018'],
  ])('%s is none', (_, text) => {
    expect(hasIndividualNumber({ a: text })).toBe(false);
  });

  test('a usual message has none', () => {
    expect(hasIndividualNumber({ messageId: newMessageId(), body: accountLine() })).toBe(false);
  });
});
