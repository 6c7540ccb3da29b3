import { argon2Sync, createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ARGON2_COST, argon2Key } from '../../../src/vault/cipher/argon2.js';
import {
  openWithPassphrase,
  sealWithPassphrase,
  type PassphraseSealed,
} from '../../../src/vault/cipher/passphrase.js';
import { flipped, INTEGRITY_FAILURE, refusal } from './support/refusals.js';

const PASSPHRASE = Buffer.from('蔵の鍵は三つの箱に分けて置く', 'utf8');
const ROOT_KEY = new Uint8Array(32).fill(0x5a);
const FORM = { v: 1, memoryKib: 65_536, passes: 3, lanes: 4, salt: Buffer.from('0123456789abcdef') };
const sealed = await sealWithPassphrase(ROOT_KEY, PASSPHRASE);

describe('argon2id', () => {
  test('the reference implementation’s own example: t=2, m=64 MiB, p=1', async () => {
    const key = await argon2Key(Buffer.from('password'), Buffer.from('somesalt'), {
      memoryKib: 65_536,
      passes: 2,
      lanes: 1,
    });
    expect(Buffer.from(key).toString('hex')).toBe(
      '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7',
    );
  });

  test('costs what handbook 14 §1 asks: 64 MiB, t=3, p=4', () => {
    expect(ARGON2_COST).toEqual({ memoryKib: 65_536, passes: 3, lanes: 4 });
  });

  test('gives the key that OpenSSL gives', async () => {
    const expected = argon2Sync('argon2id', {
      message: PASSPHRASE,
      nonce: sealed.salt,
      parallelism: 4,
      tagLength: 32,
      memory: 65_536,
      passes: 3,
    });
    expect(Buffer.from(await argon2Key(PASSPHRASE, sealed.salt, ARGON2_COST))).toEqual(expected);
  });
});

describe('the root key under a passphrase', () => {
  test('opens again', async () => {
    expect(Uint8Array.from(await openWithPassphrase(sealed, PASSPHRASE))).toEqual(ROOT_KEY);
  });

  test('keeps its salt and cost beside it, and no trace of the passphrase', () => {
    const { salt, nonce, ciphertext, ...form } = sealed;
    expect(form).toEqual({ v: 1, memoryKib: 65_536, passes: 3, lanes: 4 });
    expect([salt.length, nonce.length, ciphertext.length]).toEqual([16, 12, 48]);
  });

  test('can be sealed anew at a higher cost, and each opens at its own', async () => {
    const dearer = await sealWithPassphrase(ROOT_KEY, PASSPHRASE, { ...ARGON2_COST, memoryKib: 96 * 1024 });
    expect(dearer.memoryKib).toBe(96 * 1024);
    expect(Buffer.from(dearer.salt).equals(sealed.salt)).toBe(false);
    expect(Uint8Array.from(await openWithPassphrase(dearer, PASSPHRASE))).toEqual(ROOT_KEY);
  });

  test('does not open with another passphrase, and tells nothing of how near it came', async () => {
    for (const wrong of [
      Buffer.from('蔵の鍵は三つの箱に分けて置いた', 'utf8'),
      PASSPHRASE.subarray(0, -1),
      Buffer.concat([PASSPHRASE, Buffer.from('\n')]),
      Buffer.alloc(0),
      Buffer.alloc(1_025, 'x'),
    ])
      await expect(openWithPassphrase(sealed, wrong)).rejects.toThrow(INTEGRITY_FAILURE);
  });

  test('does not open with a bit changed in salt, nonce or ciphertext', async () => {
    for (const member of ['salt', 'nonce', 'ciphertext'] as const)
      for (const bit of [0, sealed[member].length * 8 - 1])
        await expect(
          openWithPassphrase({ ...sealed, [member]: flipped(sealed[member], bit) }, PASSPHRASE),
        ).rejects.toThrow(INTEGRITY_FAILURE);
  });

  test.each<[string, Partial<PassphraseSealed>]>([
    ['another form', { v: 2 }],
    ['a short salt', { salt: sealed.salt.subarray(1) }],
    ['no ciphertext', { ciphertext: new Uint8Array(0) }],
    ['a longer ciphertext', { ciphertext: new Uint8Array(49) }],
    ['a short nonce', { nonce: sealed.nonce.subarray(1) }],
    ['another cost', { passes: 4 }],
    ['less memory', { memoryKib: 8 }],
    ['memory that would stop the machine', { memoryKib: 2 ** 32 - 1 }],
    ['no passes', { passes: 0 }],
    ['passes without end', { passes: 2 ** 32 - 1 }],
    ['fewer lanes', { lanes: 1 }],
    ['lanes without end', { lanes: 255 }],
    ['a cost that is no number', { memoryKib: Number.NaN }],
    ['half a pass', { passes: 3.5 }],
  ])('does not open with %s', async (_, changed) => {
    await expect(openWithPassphrase({ ...sealed, ...changed }, PASSPHRASE)).rejects.toThrow(
      INTEGRITY_FAILURE,
    );
  });

  test('of the first form is argon2id and AES-256-GCM over salt and cost, made here by hand', async () => {
    const byHand = await sealByHand(FORM, PASSPHRASE);
    expect(Uint8Array.from(await openWithPassphrase(byHand, PASSPHRASE))).toEqual(ROOT_KEY);
  });

  test.each<[string, Partial<typeof FORM>, Buffer]>([
    ['another form', { v: 2 }, PASSPHRASE],
    ['a salt of eight bytes', { salt: FORM.salt.subarray(8) }, PASSPHRASE],
    ['a passphrase over its limit', {}, Buffer.alloc(1_025, 'x')],
    ['less memory than is allowed', { memoryKib: 1_024 }, PASSPHRASE],
  ])('made by hand with %s does not open, though every byte is right', async (_, changed, passphrase) => {
    const byHand = await sealByHand({ ...FORM, ...changed }, passphrase);
    await expect(openWithPassphrase(byHand, passphrase)).rejects.toThrow(INTEGRITY_FAILURE);
  });

  test.each([
    ['14 bytes', 14],
    ['1,025 bytes', 1_025],
  ])('is not sealed under a passphrase of %s', async (_, bytes) => {
    await expect(sealWithPassphrase(ROOT_KEY, Buffer.alloc(bytes, 'x'))).rejects.toThrow(
      refusal('BAD_INPUT'),
    );
  });

  test.each([
    ['memory', { ...ARGON2_COST, memoryKib: 32 * 1024 }],
    ['passes', { ...ARGON2_COST, passes: 2 }],
    ['lanes', { ...ARGON2_COST, lanes: 3 }],
    ['too much memory', { ...ARGON2_COST, memoryKib: 2 * 1024 * 1024 + 1 }],
  ])('is not sealed at a cost out of its limits: %s', async (_, cost) => {
    await expect(sealWithPassphrase(ROOT_KEY, PASSPHRASE, cost)).rejects.toThrow(
      refusal('CONFIGURATION_INVALID'),
    );
  });

  test('that was wiped is not sealed', async () => {
    await expect(sealWithPassphrase(new Uint8Array(32), PASSPHRASE)).rejects.toThrow(INTEGRITY_FAILURE);
  });
});

async function sealByHand(form: typeof FORM, passphrase: Uint8Array): Promise<PassphraseSealed> {
  const { v, memoryKib, passes, lanes, salt } = form;
  const key = await argon2Key(passphrase, salt, form);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  const associated =
    `{"kdf":"argon2id","lanes":${lanes},"memoryKib":${memoryKib},"passes":${passes},` +
    `"salt":"${salt.toString('base64url')}","v":${v}}`;
  cipher.setAAD(Buffer.from(associated));
  const ciphertext = Buffer.concat([cipher.update(ROOT_KEY), cipher.final(), cipher.getAuthTag()]);
  return { ...form, nonce, ciphertext };
}
