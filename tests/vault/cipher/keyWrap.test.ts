import { createDecipheriv, createPrivateKey, generateKeyPairSync, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey } from '../../../src/vault/cipher/envelope.js';
import { keyIdOf, unwrapKey, wrapKey, type ManagedKeyName } from '../../../src/vault/cipher/keyWrap.js';
import { flipped, INTEGRITY_FAILURE } from './support/refusals.js';

const ROOT_KEY = new Uint8Array(32).fill(0x42);
const NAME: ManagedKeyName = { municipality: '242039', keyClass: 'subject', version: 3 };

describe('a managed key under the root key', () => {
  test('is named by class and version', () => {
    expect(keyIdOf('subject', 3)).toBe('subject-3');
  });

  test('opens again, at every length up to its limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1_024 }), (material) => {
        const wrapped = wrapKey(material, NAME, ROOT_KEY);
        expect(wrapped.wrapped).toHaveLength(material.length + 16);
        expect(Uint8Array.from(unwrapKey(wrapped, NAME, ROOT_KEY))).toEqual(material);
      }),
    );
  });

  test('opens with nothing but node:crypto and the handbook: HKDF and AES-256-GCM', () => {
    const material = newKey();
    const { wrapNonce, wrapped } = wrapKey(material, NAME, ROOT_KEY);
    const key = Buffer.from(hkdfSync('sha256', ROOT_KEY, '', 'kuramori/vault/wrap/v1', 32));
    const decipher = createDecipheriv('aes-256-gcm', key, wrapNonce, { authTagLength: 16 });
    const associated = '{"keyClass":"subject","keyId":"subject-3","municipality":"242039","v":1,"version":3}';
    decipher.setAAD(Buffer.from(associated)).setAuthTag(wrapped.subarray(-16));
    const opened = Buffer.concat([decipher.update(wrapped.subarray(0, -16)), decipher.final()]);
    expect(opened.equals(material)).toBe(true);
  });

  test.each([
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['Ed25519', () => generateKeyPairSync('ed25519').privateKey],
  ])('can be a private key of %s', (_, make) => {
    const key = make();
    const wrapped = wrapKey(key.export({ format: 'der', type: 'pkcs8' }), NAME, ROOT_KEY);
    const der = Buffer.from(unwrapKey(wrapped, NAME, ROOT_KEY));
    expect(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).equals(key)).toBe(true);
  });

  test('fails with any one bit changed', () => {
    const { wrapNonce, wrapped } = wrapKey(newKey(), NAME, ROOT_KEY);
    for (let bit = 0; bit < wrapNonce.length * 8; bit += 1)
      expect(() => unwrapKey({ wrapNonce: flipped(wrapNonce, bit), wrapped }, NAME, ROOT_KEY)).toThrow(
        INTEGRITY_FAILURE,
      );
    for (let bit = 0; bit < wrapped.length * 8; bit += 1)
      expect(() => unwrapKey({ wrapNonce, wrapped: flipped(wrapped, bit) }, NAME, ROOT_KEY)).toThrow(
        INTEGRITY_FAILURE,
      );
  });

  test.each<ManagedKeyName>([
    { ...NAME, municipality: '131016' },
    { ...NAME, keyClass: 'index' },
    { ...NAME, version: 4 },
  ])('fails in the row of another: %o', (other) => {
    expect(() => unwrapKey(wrapKey(newKey(), NAME, ROOT_KEY), other, ROOT_KEY)).toThrow(INTEGRITY_FAILURE);
  });

  test('fails under another root key, and under a wiped one', () => {
    const wrapped = wrapKey(newKey(), NAME, ROOT_KEY);
    for (const root of [new Uint8Array(32).fill(1), new Uint8Array(32), ROOT_KEY.subarray(1)]) {
      expect(() => unwrapKey(wrapped, NAME, root)).toThrow(INTEGRITY_FAILURE);
    }
    expect(() => wrapKey(newKey(), NAME, new Uint8Array(32))).toThrow(INTEGRITY_FAILURE);
  });

  test.each<ManagedKeyName>([
    { ...NAME, municipality: '242038' },
    { ...NAME, keyClass: '' },
    { ...NAME, keyClass: 'Subject' },
    { ...NAME, version: 0 },
    { ...NAME, version: 1.5 },
  ])('is not made for a name that is none: %o', (name) => {
    expect(() => wrapKey(newKey(), name, ROOT_KEY)).toThrow(INTEGRITY_FAILURE);
  });

  test.each([0, 1_025])('is not made of %i bytes', (length) => {
    expect(() => wrapKey(new Uint8Array(length), NAME, ROOT_KEY)).toThrow(INTEGRITY_FAILURE);
  });

  test.each([0, 16, 1_041])('is not opened from %i bytes', (length) => {
    const { wrapNonce } = wrapKey(newKey(), NAME, ROOT_KEY);
    expect(() => unwrapKey({ wrapNonce, wrapped: new Uint8Array(length) }, NAME, ROOT_KEY)).toThrow(
      INTEGRITY_FAILURE,
    );
  });
});

describe('a fresh key', () => {
  test('has 32 random bytes', () => {
    const keys = Array.from({ length: 100 }, () => Buffer.from(newKey()).toString('hex'));
    expect(new Set(keys).size).toBe(100);
    expect(keys.every((key) => key.length === 64)).toBe(true);
  });
});
