import { createDecipheriv, Decipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { dataAssociated, wrapAssociated, type RecordContext } from '../../../src/vault/cipher/context.js';
import {
  assertWrap,
  newKey,
  openRecord,
  rewrapRecord,
  sealRecord,
  type RecordEnvelope,
} from '../../../src/vault/cipher/envelope.js';
import { BAD_PLACES, OTHER_PLACES, PLACE, SHRED_KEY, subjectKey } from './support/places.js';
import { flipped, hex, INTEGRITY_FAILURE } from './support/refusals.js';

const VALUE = Buffer.from('123456789018', 'ascii');
const KEK = subjectKey(3);
const sealed = (place: RecordContext = PLACE) => sealRecord(VALUE, place, KEK, SHRED_KEY);
const open = (envelope: RecordEnvelope, place = PLACE, kek = KEK, shredKey = SHRED_KEY) =>
  Buffer.from(openRecord(envelope, place, kek, shredKey));

const BYTE_MEMBERS = ['nonce', 'ciphertext', 'wrapNonce', 'wrappedDek'] as const;

describe('a record envelope', () => {
  test('has the columns of its row, at their lengths', () => {
    const envelope = sealed();
    expect(Object.keys(envelope).toSorted()).toEqual([
      'ciphertext',
      'kekVersion',
      'keyId',
      'nonce',
      'wrapNonce',
      'wrappedDek',
    ]);
    expect(BYTE_MEMBERS.map((member) => envelope[member].length)).toEqual([12, 28, 12, 48]);
    expect([envelope.keyId, envelope.kekVersion]).toEqual(['subject-3', 3]);
  });

  test('opens again, whatever was sealed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 1_024 }),
        fc.integer({ min: 1, max: 999_999_999 }),
        fc.integer({ min: 1, max: 1_000 }),
        (value, recordVersion, kekVersion) => {
          const place = { ...PLACE, recordVersion };
          const kek = subjectKey(kekVersion, 5);
          const shredKey = newKey();
          const envelope = sealRecord(value, place, kek, shredKey);
          expect(Uint8Array.from(openRecord(envelope, place, kek, shredKey))).toEqual(value);
        },
      ),
    );
  });

  test('is different each time, in every byte member', () => {
    const [a, b] = [sealed(), sealed()];
    expect(BYTE_MEMBERS.filter((member) => Buffer.from(a[member]).equals(b[member]))).toEqual([]);
  });

  test('opens with nothing but node:crypto and the handbook: HKDF, then AES-256-GCM twice', () => {
    const { nonce, ciphertext, wrapNonce, wrappedDek } = sealed();
    const wrapKey = hkdfSync('sha256', KEK.key, SHRED_KEY, 'kuramori/vault/dek-wrap/v1', 32);
    const dek = decrypt(Buffer.from(wrapKey), wrapNonce, wrappedDek, wrapAssociated(PLACE, KEK));
    expect(decrypt(dek, nonce, ciphertext, dataAssociated(PLACE))).toEqual(VALUE);
  });

  test('leaves no data key in memory when it was opened, rewrapped or checked', () => {
    const update = vi.spyOn(Decipheriv.prototype, 'update');
    const envelope = sealed();
    openRecord(envelope, PLACE, KEK, SHRED_KEY);
    rewrapRecord(envelope, PLACE, KEK, subjectKey(4), SHRED_KEY);
    assertWrap(envelope, PLACE, KEK, SHRED_KEY);
    const decrypted = update.mock.results.map(({ value }) => value as unknown as Buffer);
    update.mockRestore();
    const dek = Buffer.alloc(32);
    expect(decrypted).toEqual([dek, VALUE, dek, dek]);
  });

  test('of the first form opens for ever: this one was sealed when the form was made', () => {
    expect(open(FIRST_FORM).toString('ascii')).toBe('123456789018');
  });

  test('with any one bit changed fails', () => {
    const envelope = sealed();
    for (const member of BYTE_MEMBERS)
      for (let bit = 0; bit < envelope[member].length * 8; bit += 1)
        expect(() => open({ ...envelope, [member]: flipped(envelope[member], bit) })).toThrow(
          INTEGRITY_FAILURE,
        );
    for (let bit = 0; bit < 31; bit += 1) {
      const kekVersion = envelope.kekVersion ^ (1 << bit);
      expect(() => open({ ...envelope, kekVersion })).toThrow(INTEGRITY_FAILURE);
      // As if the adversary named the key that is asked for as well.
      expect(() => open({ ...envelope, kekVersion }, PLACE, { ...KEK, kekVersion })).toThrow(
        INTEGRITY_FAILURE,
      );
    }
    for (let bit = 0; bit < envelope.keyId.length * 8; bit += 1) {
      const keyId = Buffer.from(flipped(Buffer.from(envelope.keyId), bit)).toString('latin1');
      expect(() => open({ ...envelope, keyId })).toThrow(INTEGRITY_FAILURE);
      expect(() => open({ ...envelope, keyId }, PLACE, { ...KEK, keyId })).toThrow(INTEGRITY_FAILURE);
    }
  });

  test('with any member cut short or lengthened fails', () => {
    const envelope = sealed();
    for (const member of BYTE_MEMBERS) {
      const bytes = envelope[member];
      for (const changed of [
        new Uint8Array(0),
        bytes.subarray(1),
        bytes.subarray(0, -1),
        Buffer.concat([bytes, Buffer.of(0)]),
      ])
        expect(() => open({ ...envelope, [member]: changed })).toThrow(INTEGRITY_FAILURE);
    }
  });

  test('fails in the place of another: reference, field, version, municipality', () => {
    for (const place of OTHER_PLACES) {
      expect(() => open(sealed(), place)).toThrow(INTEGRITY_FAILURE);
      expect(() => open(sealed(place))).toThrow(INTEGRITY_FAILURE);
      expect(open(sealed(place), place)).toEqual(VALUE);
    }
  });

  test('put together from two fails: the value of one, the data key of the other', () => {
    const [a, b] = [sealed(), sealed()];
    const mixed = { ...a, wrapNonce: b.wrapNonce, wrappedDek: b.wrappedDek };
    expect(() => open(mixed)).toThrow(INTEGRITY_FAILURE);
    // The wrap itself is sound: what is lost is the value under it.
    expect(() => assertWrap(mixed, PLACE, KEK, SHRED_KEY)).not.toThrow();
  });

  test('fails under another key of the same name, and without its shred key', () => {
    expect(() => open(sealed(), PLACE, subjectKey(3, 9))).toThrow(INTEGRITY_FAILURE);
    expect(() => open(sealed(), PLACE, subjectKey(4, 3))).toThrow(INTEGRITY_FAILURE);
    for (const shredKey of [newKey(), new Uint8Array(0), new Uint8Array(32), SHRED_KEY.subarray(1)])
      expect(() => open(sealed(), PLACE, KEK, Uint8Array.from(shredKey))).toThrow(INTEGRITY_FAILURE);
  });

  test('is not made of nothing or of more than its limit, nor opened so', () => {
    for (const length of [0, 65_537])
      expect(() => sealRecord(new Uint8Array(length), PLACE, KEK, SHRED_KEY)).toThrow(INTEGRITY_FAILURE);
    for (const length of [0, 15, 16, 65_553])
      expect(() => open({ ...sealed(), ciphertext: new Uint8Array(length) })).toThrow(INTEGRITY_FAILURE);
    expect(() => sealRecord(new Uint8Array(1_024), PLACE, KEK, SHRED_KEY)).not.toThrow();
  });

  test('is not made for a place or under a key that is none', () => {
    for (const place of BAD_PLACES) expect(() => sealed(place)).toThrow(INTEGRITY_FAILURE);
    for (const kek of [
      { ...KEK, keyId: 'subject-4' },
      { ...KEK, key: new Uint8Array(32) },
      { ...KEK, key: KEK.key.subarray(16) },
    ])
      expect(() => sealRecord(VALUE, PLACE, kek, SHRED_KEY)).toThrow(INTEGRITY_FAILURE);
    for (const shredKey of [new Uint8Array(32), SHRED_KEY.subarray(1)])
      expect(() => sealRecord(VALUE, PLACE, KEK, shredKey)).toThrow(INTEGRITY_FAILURE);
  });
});

describe('a rewrap', () => {
  test('keeps the value openable under the new key and not under the old, over any chain of keys', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 2, maxLength: 6 }),
        (value, versions) => {
          const keks = versions.map((version) => subjectKey(version));
          let envelope = sealRecord(value, PLACE, keks[0]!, SHRED_KEY);
          for (const [at, to] of keks.slice(1).entries()) {
            const from = keks[at]!;
            envelope = rewrapRecord(envelope, PLACE, from, to, SHRED_KEY);
            expect(Uint8Array.from(open(envelope, PLACE, to))).toEqual(value);
            expect(() => open(envelope, PLACE, from)).toThrow(INTEGRITY_FAILURE);
            const renamed = { ...envelope, keyId: from.keyId, kekVersion: from.kekVersion };
            expect(() => open(renamed, PLACE, from)).toThrow(INTEGRITY_FAILURE);
          }
        },
      ),
    );
  });

  test('does not touch the value: its bytes stay, and a broken value stays broken', () => {
    const before = sealed();
    const after = rewrapRecord(before, PLACE, KEK, subjectKey(4), SHRED_KEY);
    expect(after.ciphertext).toEqual(before.ciphertext);
    expect(after.nonce).toEqual(before.nonce);
    expect([after.keyId, after.kekVersion]).toEqual(['subject-4', 4]);
    const broken = { ...before, ciphertext: flipped(before.ciphertext, 0) };
    const moved = rewrapRecord(broken, PLACE, KEK, subjectKey(4), SHRED_KEY);
    expect(() => open(moved, PLACE, subjectKey(4))).toThrow(INTEGRITY_FAILURE);
  });

  test('gives the columns alone, whatever else the row it was given holds', () => {
    const row = { ...sealed(), registeredAt: '2026-11-02' };
    const after = rewrapRecord(row, PLACE, KEK, subjectKey(4), SHRED_KEY);
    expect(Object.keys(after).toSorted()).toEqual(Object.keys(sealed()).toSorted());
  });

  test('refuses an envelope that was altered, moved, or is of another key', () => {
    const to = subjectKey(4);
    const altered = { ...sealed(), wrappedDek: flipped(sealed().wrappedDek, 3) };
    expect(() => rewrapRecord(altered, PLACE, KEK, to, SHRED_KEY)).toThrow(INTEGRITY_FAILURE);
    expect(() => rewrapRecord(sealed(), OTHER_PLACES[1]!, KEK, to, SHRED_KEY)).toThrow(INTEGRITY_FAILURE);
    expect(() => rewrapRecord(sealed(), PLACE, to, KEK, SHRED_KEY)).toThrow(INTEGRITY_FAILURE);
  });

  test('is checked without opening the value', () => {
    const broken = { ...sealed(), ciphertext: new Uint8Array(0) };
    expect(() => assertWrap(broken, PLACE, KEK, SHRED_KEY)).not.toThrow();
    expect(() => assertWrap(sealed(), PLACE, subjectKey(4), SHRED_KEY)).toThrow(INTEGRITY_FAILURE);
  });
});

/** Under KEK and SHRED_KEY above, in PLACE. */
const FIRST_FORM: RecordEnvelope = {
  keyId: 'subject-3',
  kekVersion: 3,
  nonce: hex('fa69cb57886f7393dff0b732'),
  ciphertext: hex('0a14423f836b1dcfa8f35bc2c31dcc06c48a4f2d19047a648841de04'),
  wrapNonce: hex('513503afb4e22ca357a114d6'),
  wrappedDek: hex(
    'c0fe0148f841a37e07b9ddb7e8833fff76f6459fc4643960bcae04e1ad3544ca88d96351ab15f6049743ae8383219764',
  ),
};

function decrypt(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, associated: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(associated).setAuthTag(ciphertext.subarray(-16));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
}
