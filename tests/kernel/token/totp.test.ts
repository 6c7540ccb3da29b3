import { describe, expect, test } from 'vitest';
import {
  base32,
  fromBase32,
  matchingStep,
  newTotpSecret,
  totpCode,
  totpStep,
  totpUri,
} from '../../../src/kernel/token/totp.js';

/** RFC 6238 appendix B, SHA-1. */
const SECRET = Buffer.from('12345678901234567890', 'ascii');
const RFC6238_VECTORS: readonly (readonly [number, string])[] = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
];

/** RFC 4226 appendix D: HOTP values for counts 0 to 9. */
const RFC4226_VECTORS = [
  '755224',
  '287082',
  '359152',
  '969429',
  '338314',
  '254676',
  '287922',
  '162583',
  '399871',
  '520489',
];

describe('one-time codes', () => {
  test.each(RFC6238_VECTORS)('RFC 6238 appendix B at second %i', (second, code) => {
    expect(totpCode(SECRET, totpStep(second * 1000), 8)).toBe(code);
  });

  test.each(RFC4226_VECTORS.map((code, count) => [count, code] as const))(
    'RFC 4226 appendix D, count %i',
    (count, code) => {
      expect(totpCode(SECRET, count)).toBe(code);
    },
  );

  test('handbook 15 §3: second 59 is step 1, code 287082, still accepted at second 75', () => {
    expect(totpStep(59_000)).toBe(1);
    expect(matchingStep(SECRET, '287082', 59_000)).toBe(1);
    expect(matchingStep(SECRET, '287082', 75_000)).toBe(1);
  });

  test('one step before and after the present one is accepted, two are not', () => {
    const present = 1000;
    const now = present * 30_000;
    const accepted = [-2, -1, 0, 1, 2].map((away) =>
      matchingStep(SECRET, totpCode(SECRET, present + away), now),
    );
    expect(accepted).toEqual([undefined, 999, 1000, 1001, undefined]);
  });

  test('nothing before the epoch is looked at', () => {
    expect(matchingStep(SECRET, totpCode(SECRET, 0), 0)).toBe(0);
  });

  test.each(['', '12345', '1234567', '28708２', ' 287082', '287082\n', 'abcdef'])('%j is no code', (code) => {
    expect(matchingStep(SECRET, code, 59_000)).toBeUndefined();
  });

  test('a secret is 160 bits and differs each time', () => {
    expect(newTotpSecret()).toHaveLength(20);
    expect(newTotpSecret()).not.toEqual(newTotpSecret());
  });

  test.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('RFC 4648 §10: base32 of %j is %s', (text, encoded) => {
    expect(base32(Buffer.from(text, 'ascii'))).toBe(encoded);
    expect(Buffer.from(fromBase32(`${encoded.toLowerCase()} =`)).toString('ascii')).toBe(text);
  });

  test('what is not base32 is refused', () => {
    expect(() => fromBase32('MZXW1')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  test('the address for the authenticator names the account and the secret', () => {
    expect(totpUri(SECRET, 'S-1 x')).toBe(
      'otpauth://totp/Kuramori:S-1%20x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kuramori',
    );
  });
});
