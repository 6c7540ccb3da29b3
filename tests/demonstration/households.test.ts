import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corporateNo, unifiedAddresseeNo } from '../../src/demonstration/addressee.js';
import { dayNo } from '../../src/demonstration/days.js';
import { makeHousehold } from '../../src/demonstration/households.js';
import { holderKana } from '../../src/demonstration/mandates.js';
import { Random } from '../../src/demonstration/random.js';
import { emptyBook } from './support.js';

const FIRST_DAY = dayNo('2023-04-01');

describe('households', () => {
  it('have a householder first, numbers of their own, and children younger than their parents', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), (seed, sizeMax) => {
        const book = emptyBook(seed);
        const { residents } = makeHousehold(book, new Random(seed, 'test'), sizeMax, FIRST_DAY);
        const [head] = residents;
        expect(residents.length).toBeGreaterThan(0);
        expect(residents.length).toBeLessThanOrEqual(sizeMax);
        expect(head?.relationship).toBe('世帯主');
        expect(new Set(residents.map(({ addresseeNo }) => addresseeNo)).size).toBe(residents.length);
        for (const child of residents.filter(({ relationship }) => relationship === '子')) {
          expect(child.birthOn).toBeGreaterThan(head?.birthOn ?? Infinity);
        }
        expect(residents.every(({ birthOn }) => birthOn <= book.today)).toBe(true);
      }),
    );
  });

  it('are the same for the same seed', () => {
    const make = () => makeHousehold(emptyBook(5), new Random(5, 'household', 3), 6, FIRST_DAY);
    expect(make()).toEqual(make());
  });
});

describe('numbers of addressees', () => {
  it('unified numbers are fifteen digits and one to one', () => {
    const made = Array.from({ length: 5_000 }, (_, at) =>
      unifiedAddresseeNo(String(at + 1).padStart(10, '0')),
    );
    expect(new Set(made).size).toBe(5_000);
    expect(made.every((number) => /^\d{15}$/.test(number))).toBe(true);
  });

  it('corporate numbers carry the check digit of the law: 9 less the weighted sum modulo 9', () => {
    for (const serial of [1, 77, 4_551]) {
      const [check = '', ...body] = corporateNo(serial);
      const sum = body
        .toReversed()
        .reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 2), 0);
      expect(Number(check)).toBe(9 - (sum % 9));
      expect(body).toHaveLength(12);
    }
  });
});

describe('account holders', () => {
  it.each([
    ['ショウジ　キョウコ', 'ｼﾖｳｼﾞ ｷﾖｳｺ'],
    ['ヴァン　パク', 'ｳﾞｱﾝ ﾊﾟｸ'],
  ])('%s is kept by banks as %s', (kana, expected) => {
    expect(holderKana(kana)).toBe(expected);
  });
});
