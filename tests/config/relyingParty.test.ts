import { describe, expect, test } from 'vitest';
import { relyingPartyId, relyingPartyOrigins, relyingPartySettings } from '../../src/config/relyingParty.js';

const ORIGINS = 'https://app.tax.city.example.jp, https://tax.city.example.jp:8443';
const settings = (id: string | undefined, origins: string | undefined) =>
  relyingPartySettings({
    webauthnRpId: id === undefined ? undefined : relyingPartyId(id),
    webauthnOrigins: origins === undefined ? undefined : relyingPartyOrigins(origins),
  });

describe('what front ends are to authenticators', () => {
  test('is a domain and origins within it', () => {
    expect(settings('tax.city.example.jp', ORIGINS)).toEqual({
      id: 'tax.city.example.jp',
      origins: new Set(['https://app.tax.city.example.jp', 'https://tax.city.example.jp:8443']),
    });
    expect(settings('localhost', 'http://localhost:4000')).toMatchObject({ id: 'localhost' });
    expect(settings('localhost', 'http://app.localhost:4000')).toMatchObject({ id: 'localhost' });
  });

  test('is nothing where neither is set, and refused where one is', () => {
    expect(settings(undefined, undefined)).toBeUndefined();
    for (const [id, origins] of [
      ['tax.city.example.jp', undefined],
      [undefined, ORIGINS],
    ] as const)
      expect(() => settings(id, origins)).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION_INVALID',
          message: expect.stringContaining('both') as string,
        }),
      );
  });

  test.each([
    ['example.jp', 'https://tax.city.example.org'],
    ['tax.city.example.jp', 'https://eviltax.city.example.jp'],
    ['tax.city.example.jp', 'https://city.example.jp'],
    ['tax.city.example.jp', `${ORIGINS},http://localhost:4000`],
  ])('is refused as %s with %s', (id, origins) => {
    expect(() => settings(id, origins)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining('host') as string,
      }),
    );
  });

  test.each([
    'Tax.example.jp',
    'https://tax.example.jp',
    'tax.example.jp.',
    '-a.jp',
    '10.1.2.3',
    '',
    'a b',
    '税.jp',
  ])('has no id such as %o', (id) => {
    expect(() => relyingPartyId(id)).toThrow(/^must be a domain/);
  });

  test.each([
    'https://tax.example.jp/',
    'https://Tax.example.jp',
    'https://tax.example.jp:443',
    'http://tax.example.jp',
    'ftp://localhost',
    'tax.example.jp',
    'null',
    '*',
    `${ORIGINS},`,
    Array.from({ length: 17 }, (_, at) => `https://a${at}.example.jp`).join(),
  ])('has no origins such as %s', (origins) => {
    expect(() => relyingPartyOrigins(origins)).toThrow(/^must be at most 16 origins/);
  });
});
