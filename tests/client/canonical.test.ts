import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, parseCanonical, sha256Digest } from '../../src/client/canonical.js';
import type { Json, JsonObject } from '../../src/client/index.js';
import { OPERATION_BODY_BYTES_MAX, OPERATION_BODY_DEPTH_MAX } from '../../src/kernel/limits.js';
import { canonicalJson } from '../audit/canonical.js';
import { anyCharacter } from '../support/anyCharacter.js';

const refused = { code: 'BAD_INPUT', facts: { field: 'body' } };

describe('the canonical text of a body', () => {
  test('is that of RFC 8785 section 3.2', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as JsonObject;
    expect(canonicalText(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts members by UTF-16 code units, as RFC 8785 section 3.2.3 shows', () => {
    const value = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
        '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    ) as JsonObject;
    expect(Object.values(parseCanonical(canonicalText(value)))).toEqual([
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test('is the same for every order of members, and reads back as the same value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue({ maxDepth: 4 })),
        (value) => {
          const shuffled = Object.fromEntries(Object.entries(value).toReversed());
          const text = canonicalText(value);
          expect(canonicalText(shuffled as JsonObject)).toBe(text);
          expect(text).toBe(canonicalJson(value));
          expect(canonicalText(parseCanonical(text))).toBe(text);
        },
      ),
    );
  });

  test('leaves out members that are undefined, as JSON does', () => {
    expect(canonicalText({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test('takes a plain object without a prototype or from another window', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 }) as JsonObject;
    expect(canonicalText(bare)).toBe('{"a":1}');
  });

  test.each<[string, unknown]>([
    ['a number that is not finite', { a: Number.NaN }],
    ['an endless number', { a: Number.POSITIVE_INFINITY }],
    ['a bigint', { a: 1n }],
    ['a function', { a: () => 1 }],
    ['a symbol', { a: Symbol('a') }],
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
    ['an object that inherits', { a: Object.create({ inherited: 1 }) as unknown }],
    ['an object of a class', { a: new URL('https://thing.invalid') }],
    ['an object that writes itself', { a: { toJSON: () => 'something else' } }],
    ['a hole in a list', { a: [1, undefined] }],
    ['a text with a lone surrogate', { a: 'x\uD800' }],
    ['a name with a lone surrogate', { 'x\uDC00': 1 }],
    ['nothing at all', undefined],
  ])('is refused for %s', (_name, value) => {
    expect(() => canonicalText(value as Json)).toThrow(expect.objectContaining(refused));
  });

  test('is refused for a body that holds itself', () => {
    const body: Record<string, unknown> = {};
    body['body'] = body;
    expect(() => canonicalText(body as JsonObject)).toThrow(expect.objectContaining(refused));
  });

  test('is refused past the depth and the size that are allowed, and not before', () => {
    const nested = (levels: number): Json => (levels === 1 ? 'leaf' : [nested(levels - 1)]);
    expect(() => canonicalText(nested(OPERATION_BODY_DEPTH_MAX))).not.toThrow();
    expect(() => canonicalText(nested(OPERATION_BODY_DEPTH_MAX + 1))).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => canonicalText('x'.repeat(OPERATION_BODY_BYTES_MAX - 2))).not.toThrow();
    expect(() => canonicalText('x'.repeat(OPERATION_BODY_BYTES_MAX - 1))).toThrow(
      expect.objectContaining(refused),
    );
    // Bytes, not characters.
    expect(() => canonicalText('番'.repeat(OPERATION_BODY_BYTES_MAX / 3))).toThrow(
      expect.objectContaining(refused),
    );
  });
});

test('a digest is SHA-256 of the UTF-8 bytes, base64url, with its name before it', async () => {
  expect(await sha256Digest('')).toBe('sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
});
