import { Decipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { assertKey, openGcm, sealGcm } from '../../../src/vault/cipher/gcm.js';
import { flipped, hex, INTEGRITY_FAILURE } from './support/refusals.js';

const KEY = hex('feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308');
const NONCE = hex('cafebabefacedbaddecaf888');
const PLAINTEXT = hex(
  'd9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39',
);
const ASSOCIATED = hex('feedfacedeadbeeffeedfacedeadbeef abaddad2');
const CIPHERTEXT = hex(
  '522dc1f099567d07f47f37a32a84427d 643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838 c5f61e6393ba7a0abcc9f662',
);
const TAG = hex('76fc6ece0f4e1768cddf8853bb2d551b');

describe('AES-256-GCM', () => {
  test('opens test case 16 of the GCM specification (McGrew and Viega, appendix B)', () => {
    const sealed = { nonce: NONCE, ciphertext: Buffer.concat([CIPHERTEXT, TAG]) };
    expect(Buffer.from(openGcm(KEY, sealed, ASSOCIATED))).toEqual(PLAINTEXT);
  });

  test('makes the tag alone of nothing, and opens it', () => {
    const sealed = sealGcm(KEY, new Uint8Array(0), new Uint8Array(0));
    expect(sealed.ciphertext).toHaveLength(16);
    expect(openGcm(KEY, sealed, new Uint8Array(0))).toHaveLength(0);
  });

  test('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(
        key(),
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array(),
        (aKey, plaintext, associated) => {
          const sealed = sealGcm(aKey, plaintext, associated);
          expect(sealed.nonce).toHaveLength(12);
          expect(sealed.ciphertext).toHaveLength(plaintext.length + 16);
          expect(Uint8Array.from(openGcm(aKey, sealed, associated))).toEqual(plaintext);
        },
      ),
    );
  });

  test('refuses one changed bit anywhere: key, nonce, ciphertext, tag, associated data', () => {
    const sealed = sealGcm(KEY, PLAINTEXT, ASSOCIATED);
    const { nonce, ciphertext } = sealed;
    const each = (bytes: Uint8Array, open: (changed: Uint8Array) => unknown) => {
      for (let bit = 0; bit < bytes.length * 8; bit += 1)
        expect(() => open(flipped(bytes, bit))).toThrow(INTEGRITY_FAILURE);
    };
    each(KEY, (changed) => openGcm(changed, sealed, ASSOCIATED));
    each(nonce, (changed) => openGcm(KEY, { nonce: changed, ciphertext }, ASSOCIATED));
    each(ciphertext, (changed) => openGcm(KEY, { nonce, ciphertext: changed }, ASSOCIATED));
    each(ASSOCIATED, (changed) => openGcm(KEY, sealed, changed));
  });

  test('refuses every shorter and longer form of nonce and ciphertext', () => {
    const sealed = sealGcm(KEY, PLAINTEXT, ASSOCIATED);
    for (const nonce of [[], sealed.nonce.subarray(0, 11), Buffer.concat([sealed.nonce, Buffer.of(0)])])
      expect(() => openGcm(KEY, { ...sealed, nonce: Uint8Array.from(nonce) }, ASSOCIATED)).toThrow(
        INTEGRITY_FAILURE,
      );
    for (let length = 0; length < sealed.ciphertext.length; length += 1)
      expect(() =>
        openGcm(KEY, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, length) }, ASSOCIATED),
      ).toThrow(INTEGRITY_FAILURE);
  });

  test('refuses a tag of four bytes, which Node alone would take', () => {
    const short = { nonce: NONCE, ciphertext: TAG.subarray(0, 4) };
    expect(() => openGcm(KEY, short, ASSOCIATED)).toThrow(INTEGRITY_FAILURE);
  });

  test('wipes what it decrypted under a wrong tag', () => {
    const update = vi.spyOn(Decipheriv.prototype, 'update');
    const sealed = sealGcm(KEY, PLAINTEXT, ASSOCIATED);
    const changed = { ...sealed, ciphertext: flipped(sealed.ciphertext, sealed.ciphertext.length * 8 - 1) };
    expect(() => openGcm(KEY, changed, ASSOCIATED)).toThrow(INTEGRITY_FAILURE);
    const [decrypted] = update.mock.results.map(({ value }) => value as unknown as Buffer);
    update.mockRestore();
    expect(decrypted).toEqual(Buffer.alloc(PLAINTEXT.length));
  });

  test('never uses a nonce twice', () => {
    const nonces = Array.from({ length: 2_000 }, () => sealGcm(KEY, PLAINTEXT, ASSOCIATED).nonce);
    expect(new Set(nonces.map((nonce) => Buffer.from(nonce).toString('hex'))).size).toBe(nonces.length);
  });

  test.each([
    ['31 bytes', new Uint8Array(31).fill(1)],
    ['33 bytes', new Uint8Array(33).fill(1)],
    ['16 bytes', new Uint8Array(16).fill(1)],
    ['no bytes', new Uint8Array(0)],
    ['32 zeros, as a wiped key has', new Uint8Array(32)],
  ])('takes no key of %s', (_, bad) => {
    expect(() => assertKey(bad)).toThrow(INTEGRITY_FAILURE);
    expect(() => sealGcm(bad, PLAINTEXT, ASSOCIATED)).toThrow(INTEGRITY_FAILURE);
    expect(() => openGcm(bad, sealGcm(KEY, PLAINTEXT, ASSOCIATED), ASSOCIATED)).toThrow(INTEGRITY_FAILURE);
  });
});

function key() {
  return fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));
}
