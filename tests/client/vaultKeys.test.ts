import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import { verifyPublishedKeys, type Anchor } from '../../src/client/index.js';
import {
  ANCHOR_KEYS_MAX,
  INPUT_KEYS_PUBLISHED_MAX,
  VAULT_SIGNED_CHARS_MAX,
} from '../../src/kernel/limits.js';
import {
  newAgreementKey,
  newSigningKey,
  signToken,
  thumbprint as thumbprintOf,
  type Members,
} from './support/jose.js';
import { CONTEXT, NOON_MS, NOON_SECONDS } from './support/people.js';
import { listOf, newClientsVault, published } from './support/vault.js';

const vault = await newClientsVault();
const { signer, anchor, signed, input } = vault;
const verify = (jws: string, of: Anchor = anchor, now = NOON_MS) =>
  verifyPublishedKeys(jws, of, { municipality: CONTEXT.municipality, now: () => now });
const refused = async (rule: string, jws: string, of?: Anchor, now?: number) =>
  expect(verify(jws, of, now)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE', facts: { rule } });

describe('the keys that the vault publishes', () => {
  test('are verified by the anchor alone, and are those that were signed, newest first', async () => {
    const older = newAgreementKey();
    const keys = await verify(signToken(signer, 'input-keys+jwt', listOf(input, older)));
    expect(keys.jwks).toEqual([published(input), published(older)]);
    expect(keys.municipality).toBe('242012');
    expect(keys.expiresAtMs).toBe((NOON_SECONDS + 86_400) * 1000);
  });

  test('are verified by any key of the anchor, by its name: the old one as long as it stands there', async () => {
    const next = newSigningKey('certificate-2');
    const both = { keys: [next.publicJwk, signer.publicJwk] };
    for (const key of [signer, next])
      await expect(verify(signToken(key, 'input-keys+jwt', listOf(input)), both)).resolves.toBeDefined();
    await refused('signature', signed(), { keys: [next.publicJwk] });
  });

  test('swapped by whoever carries them are refused', async () => {
    const thief = newAgreementKey();
    const [header, , signature] = signed().split('.');
    const payload = Buffer.from(JSON.stringify(listOf(thief))).toString('base64url');
    await refused('signature', `${header}.${payload}.${signature}`);
    // Under the name of the vault's key, and under one of their own.
    await refused('signature', signToken(newSigningKey('certificate-1'), 'input-keys+jwt', listOf(thief)));
    await refused('signature', signToken(newSigningKey('certificate-9'), 'input-keys+jwt', listOf(thief)));
  });

  test('are refused with any character changed', async () => {
    const jws = signed();
    for (let at = 0; at < jws.length; at += 1)
      await refused('signature', jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1));
  });

  test.each<[string, Members]>([
    ['another algorithm', { alg: 'HS256' }],
    ['none', { alg: 'none' }],
    ['a number’s type', { typ: 'number+jwt' }],
    ['an erasure certificate’s type', { typ: 'erasure-certificate+jws' }],
    ['an assertion’s type', { typ: 'op+jwt' }],
    ['the full media type', { typ: 'application/input-keys+jwt' }],
    ['no type', { typ: undefined }],
    ['the name of a key of another class', { kid: 'input-1' }],
    ['a thumbprint for a name', { kid: input.thumbprint }],
    ['no name', { kid: undefined }],
    ['an extension that must be understood', { crit: ['exp'], exp: 1 }],
    ['a key of its own', { jwk: newSigningKey().publicJwk }],
    ['an address of keys', { jku: 'https://keys.invalid/' }],
  ])('are refused under %s, though the right key signed', async (_name, header) => {
    await refused('signature', signToken(signer, 'input-keys+jwt', listOf(input), header));
  });

  test('of another municipality are refused', async () => {
    await refused('municipality', signed({ municipality: '131016' }));
    const expected = { municipality: '131016', now: () => NOON_MS };
    await expect(verifyPublishedKeys(signed(), anchor, expected)).rejects.toMatchObject({
      facts: { rule: 'municipality' },
    });
  });

  test('expire, to the millisecond, and are not yet known before they are signed', async () => {
    const end = (NOON_SECONDS + 86_400) * 1000;
    await expect(verify(signed(), anchor, end - 1)).resolves.toBeDefined();
    await refused('time', signed(), anchor, end);
    await expect(verify(signed(), anchor, NOON_SECONDS * 1000 - 5 * 60_000)).resolves.toBeDefined();
    await refused('time', signed(), anchor, NOON_SECONDS * 1000 - 5 * 60_000 - 1);
  });

  test('are held against the host’s clock when no other is handed in', async () => {
    const iat = Math.floor(Date.now() / 1000);
    const { municipality } = CONTEXT;
    await expect(
      verifyPublishedKeys(signed({ iat, exp: iat + 60 }), anchor, { municipality }),
    ).resolves.toBeDefined();
    await expect(
      verifyPublishedKeys(signed({ iat: iat - 120, exp: iat - 60 }), anchor, { municipality }),
    ).rejects.toMatchObject({ facts: { rule: 'time' } });
  });

  test.each<[string, Members]>([
    ['of another version', { v: 2 }],
    ['of no municipality', { municipality: undefined }],
    ['that stand for longer than a day', { exp: NOON_SECONDS + 86_401 }],
    ['that end before they begin', { exp: NOON_SECONDS }],
    ['without an end', { exp: undefined }],
    ['without a beginning', { iat: undefined }],
    ['with half a second', { iat: NOON_SECONDS + 0.5 }],
    ['that are none', { keys: [] }],
    ['that are no list', { keys: published(input) }],
    ['that are too many', { keys: Array(INPUT_KEYS_PUBLISHED_MAX + 1).fill(published(input)) }],
    ['that are null', { keys: [null] }],
    ['of another name', { keys: [{ ...published(input), kid: newAgreementKey().thumbprint }] }],
    ['without a name', { keys: [{ ...published(input), kid: undefined }] }],
    ['for another use', { keys: [{ ...published(input), use: 'sig' }] }],
    ['for another algorithm', { keys: [{ ...published(input), alg: 'ECDH-ES+A256KW' }] }],
    ['that are private', { keys: [{ ...published(input), d: 'A'.repeat(43) }] }],
    ['with a coordinate that is no text', { keys: [{ ...published(input), x: 7 }] }],
    ['in another spelling', { keys: [{ ...published(input), y: `${input.publicJwk.y}=` }] }],
    ['that sign', { keys: [signer.publicJwk] }],
  ])('%s are refused, though the vault’s key signed', async (_name, changes) => {
    await refused('form', signed(changes));
  });

  test('off the curve, or on another, are refused, though the vault’s key signed', async () => {
    const off = { ...newAgreementKey(), publicJwk: { ...input.publicJwk, y: newAgreementKey().publicJwk.y } };
    await refused('form', signed({ keys: [{ ...published(off), kid: thumbprintOf(off.publicJwk) }] }));
    const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-384' });
    await refused(
      'form',
      signed({ keys: [{ ...(await exportJWK(publicKey)), use: 'enc', alg: 'ECDH-ES' }] }),
    );
  });

  test.each<[string, string | Buffer]>([
    ['a list', '[]'],
    ['null', 'null'],
    ['no JSON', 'keys'],
    ['no UTF-8', Buffer.of(0xff)],
  ])('that are %s are refused', async (_name, payload) => {
    await refused('signature', signToken(signer, 'input-keys+jwt', payload));
  });

  test('that are no token, or too long, are refused', async () => {
    const [header, payload, signature] = signed().split('.');
    const forms = [
      '',
      '..',
      'a.b.c',
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${signed()}.`,
      ` ${signed()}`,
    ];
    for (const jws of [...forms, `${signed()}=`, undefined, null, 7, {}])
      await refused('signature', jws as string);
    for (const odd of ['W10', 'bnVsbA', 'ew']) await refused('signature', `${odd}.${payload}.${signature}`);
    await refused('signature', signed({ more: 'x'.repeat(VAULT_SIGNED_CHARS_MAX) }));
  });
});

describe('an anchor', () => {
  const other = newSigningKey('certificate-2').publicJwk;
  test.each<[string, unknown]>([
    ['without keys', { keys: [] }],
    ['that is no set', { keys: signer.publicJwk }],
    [
      'with too many keys',
      { keys: Array.from({ length: ANCHOR_KEYS_MAX + 1 }, (_, n) => newSigningKeyNo(n + 1)) },
    ],
    ['with two keys of one name', { keys: [signer.publicJwk, { ...other, kid: 'certificate-1' }] }],
    ['with a key of another class', { keys: [signer.publicJwk, { ...other, kid: 'input-1' }] }],
    ['with a key without a name', { keys: [{ ...other, kid: undefined }] }],
    ['with a version that no key has', { keys: [{ ...other, kid: 'certificate-0' }] }],
    ['with a key to seal to', { keys: [published(input)] }],
    ['with a key of another curve', { keys: [{ ...other, crv: 'X25519' }] }],
    ['with a key for another use', { keys: [{ ...other, use: 'enc' }] }],
    ['with a key without its point', { keys: [{ ...other, x: undefined }] }],
    ['with a private key', { keys: [{ ...other, d: 'A'.repeat(43) }] }],
  ])('%s is refused before anything rests on it', async (_name, unsound) => {
    await expect(verify(signed(), unsound as Anchor)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'anchor' },
    });
  });

  test('need not say what its keys are for', async () => {
    const { use: _use, alg: _alg, ...bare } = signer.publicJwk;
    await expect(verify(signed(), { keys: [bare] })).resolves.toBeDefined();
  });
});

function newSigningKeyNo(no: number) {
  return { ...signer.publicJwk, kid: `certificate-${no}` };
}
