import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { assertKeyName, dataAssociated, wrapAssociated } from '../../../src/vault/cipher/context.js';
import { BAD_PLACES, OTHER_PLACES, PLACE } from './support/places.js';
import { INTEGRITY_FAILURE } from './support/refusals.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const NAME = { keyId: 'subject-3', kekVersion: 3 };

describe('associated data', () => {
  test('of a value is its place in the canonical form of RFC 8785', () => {
    expect(text(dataAssociated(PLACE))).toBe(
      '{"field":"number","municipality":"242039","recordVersion":1,"v":1,' +
        '"vaultRef":"vr_AAAAAAAAAAAAAAAAAAAAAAAAAA"}',
    );
  });

  test('of a wrap has the key as well: all seven members of handbook 14 §1', () => {
    expect(text(wrapAssociated(PLACE, NAME))).toBe(
      '{"field":"number","kekVersion":3,"keyId":"subject-3","municipality":"242039","recordVersion":1,"v":1,' +
        '"vaultRef":"vr_AAAAAAAAAAAAAAAAAAAAAAAAAA"}',
    );
  });

  test('has nothing of what else a row holds', () => {
    const row = { ...PLACE, registeredAt: '2026-11-02', kekVersion: 9, keyId: 'subject-9' };
    expect(dataAssociated(row)).toEqual(dataAssociated(PLACE));
    expect(wrapAssociated(row, NAME)).toEqual(wrapAssociated(PLACE, NAME));
  });

  test('differs for each other place', () => {
    const all = [PLACE, ...OTHER_PLACES].flatMap((place) => [
      text(dataAssociated(place)),
      text(wrapAssociated(place, NAME)),
      text(wrapAssociated(place, { keyId: 'subject-4', kekVersion: 4 })),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  test.each(BAD_PLACES)('is not made for %o', (place) => {
    expect(() => dataAssociated(place)).toThrow(INTEGRITY_FAILURE);
    expect(() => wrapAssociated(place, NAME)).toThrow(INTEGRITY_FAILURE);
  });
});

describe('the name of a key', () => {
  test.each([
    ['subject-1', 1],
    ['index-12', 12],
  ])('%s with version %i is sound', (keyId, version) => {
    expect(() => assertKeyName(keyId, version)).not.toThrow();
  });

  test.each([
    ['subject-3', 4],
    ['subject-13', 3],
    ['subject-0', 0],
    ['subject--1', -1],
    ['subject-03', 3],
    ['subject-1.5', 1.5],
    ['Subject-3', 3],
    ['-3', 3],
    ['subject', 1],
    ['subject-3\n', 3],
    [`${'a'.repeat(21)}-3`, 3],
    ['subject-NaN', Number.NaN],
  ])('%j with version %d is not', (keyId, version) => {
    expect(() => assertKeyName(keyId, version)).toThrow(INTEGRITY_FAILURE);
    expect(() => wrapAssociated(PLACE, { keyId, kekVersion: version })).toThrow(INTEGRITY_FAILURE);
  });
});

describe('canonical bytes', () => {
  test('do not depend on the order of the members', () => {
    expect(canonicalBytes({ b: 1, a: 'x' })).toEqual(canonicalBytes({ a: 'x', b: 1 }));
  });

  test('RFC 8785 §3.2.2: escapes as JSON.stringify, numbers as ECMAScript', () => {
    expect(text(canonicalBytes({ string: '€$\u000f\nA\'B"\\\\"/', number: 1e30 }))).toBe(
      '{"number":1e+30,"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });
});
