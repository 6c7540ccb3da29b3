import { describe, expect, test } from 'vitest';
import { DERIVATION, deriveKey, hkdf, RFC5869_NO_SALT } from '../../../src/vault/cipher/derive.js';
import { hex, INTEGRITY_FAILURE } from './support/refusals.js';

/** RFC 5869 appendix A: input, salt, info, length, output. */
const RFC5869_VECTORS: readonly (readonly [string, string, string, string, number, string])[] = [
  [
    'A.1',
    '0b'.repeat(22),
    '000102030405060708090a0b0c',
    'f0f1f2f3f4f5f6f7f8f9',
    42,
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    'A.2',
    run(0x00, 0x50),
    run(0x60, 0x50),
    run(0xb0, 0x50),
    82,
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c' +
      '59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71' +
      'cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  [
    'A.3',
    '0b'.repeat(22),
    '',
    '',
    42,
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  ],
];

const SECRET = new Uint8Array(32).fill(7);

describe('HKDF-SHA-256', () => {
  test.each(RFC5869_VECTORS)('RFC 5869 appendix %s', (_, secret, salt, info, bytes, output) => {
    expect(Buffer.from(hkdf(hex(secret), hex(salt), hex(info), bytes)).toString('hex')).toBe(output);
  });
});

describe('a derived key', () => {
  test('is HKDF with the name of its end, which never changes', () => {
    expect(DERIVATION).toEqual({
      keyWrap: 'kuramori/vault/wrap/v1',
      dekWrap: 'kuramori/vault/dek-wrap/v1',
    });
    const salt = new Uint8Array(32).fill(9);
    expect(deriveKey(SECRET, salt, 'dekWrap')).toEqual(
      hkdf(SECRET, salt, Buffer.from('kuramori/vault/dek-wrap/v1'), 32),
    );
  });

  test('differs by end, by salt and by secret', () => {
    const keys = [
      deriveKey(SECRET, RFC5869_NO_SALT, 'keyWrap'),
      deriveKey(SECRET, RFC5869_NO_SALT, 'dekWrap'),
      deriveKey(SECRET, Uint8Array.of(1), 'dekWrap'),
      deriveKey(new Uint8Array(32).fill(8), RFC5869_NO_SALT, 'dekWrap'),
    ].map((key) => Buffer.from(key).toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('does not come from a wiped or short secret', () => {
    expect(() => deriveKey(new Uint8Array(32), RFC5869_NO_SALT, 'keyWrap')).toThrow(INTEGRITY_FAILURE);
    expect(() => deriveKey(SECRET.subarray(1), RFC5869_NO_SALT, 'keyWrap')).toThrow(INTEGRITY_FAILURE);
  });
});

/** Ascending bytes in hexadecimal. */
function run(first: number, length: number): string {
  return Buffer.from(Array.from({ length }, (_, at) => first + at)).toString('hex');
}
