import { expect, test } from 'vitest';
import { PATTERNED_NUMBERS, patternedNumbers } from '../../../bench/support/patternedNumbers.js';
import { parseNumber } from '../../../src/vault/number/parse.js';

test('every patterned number is valid, and none comes twice', () => {
  const all = patternedNumbers(0, PATTERNED_NUMBERS);
  expect(new Set(all).size).toBe(PATTERNED_NUMBERS);
  for (const number of all) parseNumber(number, 'strict').dispose();
});

test('they are digits of Champernowne’s constant, from the place that is asked', () => {
  let constant = '';
  for (let integer = 10_000; integer < 10_010; integer += 1) constant += String(integer);
  expect(patternedNumbers(0, 5).every((number) => constant.includes(number.slice(0, 11)))).toBe(true);
  expect(patternedNumbers(3, 2)).toEqual(patternedNumbers(0, 5).slice(3));
});

test('more than there are is refused', () => {
  expect(() => patternedNumbers(1, PATTERNED_NUMBERS)).toThrow('no more');
});
