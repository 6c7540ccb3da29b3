import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  newJti,
  sealToVault,
  verifyPublishedKeys,
  type SealedInput,
  type VaultKeys,
} from '../../src/client/index.js';
import { SEALED_INPUT_CHARS_MAX } from '../../src/kernel/limits.js';
import { newAgreementKey, openJwe, signToken } from './support/jose.js';
import { CONTEXT, NOON_MS, NUMBER } from './support/people.js';
import { listOf, newClientsVault } from './support/vault.js';
import { anyCharacter } from '../support/anyCharacter.js';

const { input, signer, anchor, signed, vaultKeys } = await newClientsVault();
const newest = newAgreementKey();
const EXPECTED = { municipality: CONTEXT.municipality, now: () => NOON_MS };
const JTI = newJti();
const INPUT: SealedInput = { kind: 'number', value: NUMBER, jti: JTI, now: () => NOON_MS };

describe('what is sealed to the vault', () => {
  test('is opened by another implementation, and has exactly the header and the content agreed', async () => {
    const { header, payload } = openJwe(await sealToVault(vaultKeys, INPUT), input.privateKey);
    expect(header).toStrictEqual({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      kid: input.thumbprint,
      typ: 'input+jwe',
      cty: 'json',
      epk: { kty: 'EC', crv: 'P-256', x: expect.any(String) as string, y: expect.any(String) as string },
    });
    expect(payload).toStrictEqual({ v: 1, kind: 'number', value: NUMBER, jti: JTI });
  });

  test('is opened as it was typed, whatever was typed', async () => {
    const typed = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(typed, fc.constantFrom('number', 'totp'), async (value, kind) => {
        const jwe = await sealToVault(vaultKeys, { ...INPUT, kind, value });
        expect(openJwe(jwe, input.privateKey).payload).toStrictEqual({ v: 1, kind, value, jti: JTI });
      }),
      { numRuns: 50 },
    );
  });

  test('is sealed with another key and nonce each time, and shows no digit of it', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => sealToVault(vaultKeys, INPUT)));
    const parts = made.map((jwe) => jwe.split('.'));
    for (const at of [0, 2, 3, 4]) expect(new Set(parts.map((part) => part[at])).size).toBe(20);
    for (const jwe of made)
      expect(
        jwe
          .split('.')
          .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
          .join(),
      ).not.toContain(NUMBER.slice(0, 6));
  });

  test('is not opened by another key, nor once it has been changed', async () => {
    const jwe = await sealToVault(vaultKeys, INPUT);
    expect(() => openJwe(jwe, newAgreementKey().privateKey)).toThrow();
    const [header, , iv, ciphertext, tag] = jwe.split('.');
    const flipped = (part: string) => `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`;
    expect(() => openJwe([header, '', flipped(iv!), ciphertext, tag].join('.'), input.privateKey)).toThrow();
    expect(() => openJwe([header, '', iv, flipped(ciphertext!), tag].join('.'), input.privateKey)).toThrow();
    expect(() => openJwe([header, '', iv, ciphertext, flipped(tag!)].join('.'), input.privateKey)).toThrow();
  });
});

describe('the keys to which it is sealed', () => {
  test('are those that the vault signed, of which the newest is taken', async () => {
    const keys = await verifyPublishedKeys(
      signToken(signer, 'input-keys+jwt', listOf(newest, input)),
      anchor,
      EXPECTED,
    );
    const { header, payload } = openJwe(await sealToVault(keys, INPUT), newest.privateKey);
    expect(header['kid']).toBe(newest.thumbprint);
    expect(payload).toMatchObject({ value: NUMBER });
  });

  test('are refused when they were merely handed over', async () => {
    const thief = { key: {}, kid: newest.thumbprint };
    for (const keys of [input.publicJwk, { ...vaultKeys, toSealTo: () => thief }, null])
      await refused('vaultKeys', INPUT, keys as unknown as VaultKeys);
    const inherited = Object.create(vaultKeys) as VaultKeys;
    await expect(sealToVault(inherited, INPUT)).rejects.toThrow(TypeError);
  });

  test('are not used when their list has expired, though it was verified in time', async () => {
    const late = { ...INPUT, now: () => vaultKeys.expiresAtMs };
    await expect(sealToVault(vaultKeys, late)).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
      facts: { rule: 'time' },
    });
    const last = { ...INPUT, now: () => vaultKeys.expiresAtMs - 1 };
    await expect(sealToVault(vaultKeys, last)).resolves.toBeTypeOf('string');
  });

  test('are held against the host’s clock when no other is handed in', async () => {
    const iat = Math.floor(Date.now() / 1000);
    const fresh = await verifyPublishedKeys(signed({ iat, exp: iat + 60 }), anchor, {
      municipality: '242012',
    });
    await expect(sealToVault(fresh, { kind: 'totp', value: '287082', jti: JTI })).resolves.toBeTypeOf(
      'string',
    );
  });
});

test('a value that is empty or too long is refused, without a word of it', async () => {
  await refused('value', { ...INPUT, value: '' });
  const value = '1'.repeat(SEALED_INPUT_CHARS_MAX);
  await expect(sealToVault(vaultKeys, { ...INPUT, value })).resolves.toBeTypeOf('string');
  const error = await refused('value', { ...INPUT, value: `${value}1` });
  expect(String(error)).not.toContain('1111');
});

async function refused(field: string, sealing: SealedInput, keys = vaultKeys): Promise<unknown> {
  const error: unknown = await sealToVault(keys, sealing).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'KuramoriError', code: 'BAD_INPUT', facts: { field } });
  return error;
}
