import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertNoNumber, HIDDEN, mayHoldNumber, withoutNumbers } from '../../src/kernel/suspectedNumber.js';
import type { KuramoriError } from '../../src/kernel/errors.js';
import { newVaultRef } from '../../src/vault/number/vaultRef.js';
import { PATTERNED_NUMBERS } from '../vault/number/support/patterned.js';

const number = fc.constantFrom(...PATTERNED_NUMBERS);
const spelling = fc.constantFrom<(digits: string) => string>(
  (digits) => digits,
  (digits) => digits.replace(/(\d{4})(?=\d)/g, '$1-'),
  (digits) => digits.replace(/(\d{4})(?=\d)/g, '$1 '),
  (digits) => digits.replace(/(\d{3})(?=\d)/g, '$1-'),
  (digits) => digits.replace(/(\d{4})(?=\d)/g, '$1－'),
  (digits) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
);

describe('a text of an evidence', () => {
  test('holds no number, however it was written and whatever stands around it', () => {
    const around = fc.constantFrom('', 'C-', 'ABC', '番号', ' ', '。', '/', 'x');
    fc.assert(
      fc.property(number, spelling, around, around, (digits, spell, before, after) => {
        const shown = withoutNumbers(before + spell(digits) + after);
        expect(shown).toContain(HIDDEN);
        expect(shown.normalize('NFKC').replaceAll(/\D/gu, '')).not.toContain(digits);
      }),
    );
  });

  test.each([
    '0198c1e0-7c1f-7f6e-8a55-123456789018',
    'sha256:1234567890181234567890181234567890181234567890181234567890181234',
    'a'.repeat(10) + '123456789018' + 'b'.repeat(10),
    '123456789012',
    '1234567890181',
    '2026-11-22 12:41:50',
    '電話 0120-123-456 の件',
    'ログイン－実績',
  ])('%s stays as it is', (text) => {
    expect(withoutNumbers(text)).toBe(text);
    expect(mayHoldNumber(text)).toBe(false);
  });

  test('keeps identifiers in either case, and those of keys on terminals', () => {
    for (const ours of [
      '0198C1E0-7C1F-7F6E-8A55-123456789018',
      'ABCDEF123456789018ABCDEFABCDEFAB',
      'CR-ab123456789018cdefabcdef',
    ])
      expect(withoutNumbers(ours)).toBe(ours);
  });

  test('loses a number and keeps what is ours beside it', () => {
    const ours = '0198c1e0-7c1f-7f6e-8a55-123456789018';
    const digest = `sha256:${'12345678901'.repeat(3)}8_abcdefghi`;
    expect(withoutNumbers(`${ours} 123456789018 ${digest}`)).toBe(`${ours} ${HIDDEN} ${digest}`);
  });

  test('loses a number that calls itself a digest', () => {
    for (const text of ['sha256:123456789018', `sha256:123456789018-${'a'.repeat(20)}`])
      expect(withoutNumbers(text)).not.toContain('123456789018');
  });

  test('a reference stays as it is', () => {
    for (let at = 0; at < 50; at += 1) {
      const ref = newVaultRef();
      expect(withoutNumbers(ref)).toBe(ref);
    }
  });
});

test('what may hold a number is what would lose it', () => {
  const piece = fc.oneof(
    number,
    fc.constantFrom('-', ' ', 'ー', 'C', '０', '①'),
    fc.stringMatching(/^\d{0,13}$/),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      expect(mayHoldNumber(text)).toBe(withoutNumbers(text) !== text);
    }),
  );
});

describe('a name from outside', () => {
  test('that may be a number is refused, in whatever spelling, without an echo', () => {
    const around = fc.constantFrom('', 'C-', 'No.', '_');
    fc.assert(
      fc.property(number, spelling, around, (digits, spell, before) => {
        const refused = (() => {
          try {
            return assertNoNumber(before + spell(digits), 'case');
          } catch (error) {
            return error as KuramoriError;
          }
        })();
        expect(refused).toMatchObject({ code: 'BAD_INPUT', facts: { field: 'case' } });
        expect(JSON.stringify([refused?.message, refused?.facts]).replaceAll(/\D/gu, '')).toBe('');
      }),
    );
  });

  test.each([
    ['a case', 'C-2026-0001'],
    ['a case', 'D-000001'],
    ['an addressee', '0000000123'],
    ['a unified addressee number', '123456789018001'],
    ['a corporate number', '1234567890181'],
    ['a refund', 'RF-2026-000042'],
    ['a medium', 'DVD-2026-0042'],
    ['a request', '0198c1e0-7c1f-7f6e-8a55-123456789018'],
    ['a serial number in fives', '12345 67890 18'],
  ])('of %s passes: %s', (_, name) => {
    expect(() => assertNoNumber(name, 'case')).not.toThrow();
  });
});
