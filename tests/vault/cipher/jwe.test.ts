import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isKuramoriError } from '../../../src/kernel/errors.js';
import { openSealed, recipientOf, sealTo, type SealedType } from '../../../src/vault/cipher/jwe.js';
import { p256PublicJwk, thumbprint } from '../../../src/vault/cipher/p256.js';
import {
  base64url,
  concatKdf,
  fromBase64url,
  openByHand,
  sealByHand,
  type Freedom,
} from './support/joseByHand.js';
import { INTEGRITY_FAILURE, refusal } from './support/refusals.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = publicKey.export({ format: 'jwk' });
const kid = thumbprint(p256PublicJwk(jwk));
const EXPECTED = { typ: 'input+jwe', kid } as const;
const PAYLOAD = Buffer.from('{"v":1,"kind":"totp","value":"287082","jti":"AAAAAAAAAAAAAAAAAAAAAA"}');

const MALFORMED = refusal('BAD_INPUT', { rule: 'sealed' });
const byHand = (freedom?: Freedom) => sealByHand(jwk, kid, 'input+jwe', PAYLOAD, freedom);
const openIt = (jwe: string) => openSealed(privateKey, jwe, EXPECTED);

describe('the hand-written JOSE that these tests compare with', () => {
  test('RFC 7518 appendix C: the key that Alice and Bob agree on', () => {
    const alice = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
        y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
        d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
      },
    });
    const bob = createPublicKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
        y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
      },
    });
    const secret = diffieHellman({ privateKey: alice, publicKey: bob });
    expect(base64url(concatKdf(secret, 'A128GCM', 'Alice', 'Bob', 128))).toBe('VqqN6vgjbSBcIijNcacQGg');
  });
});

describe('sealing to a reader', () => {
  test('gives a compact JWE whose header has exactly the agreed members', async () => {
    const jwe = await sealTo(jwk, 'number+jwe', PAYLOAD);
    expect(jwe).toMatch(/^[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
    const { epk, ...header } = decodeProtectedHeader(jwe);
    // RFC 7519 §5.2: what is sealed is a token again.
    expect(header).toEqual({ alg: 'ECDH-ES', enc: 'A256GCM', kid, typ: 'number+jwe', cty: 'JWT' });
    const input = decodeProtectedHeader(await sealTo(jwk, 'input+jwe', PAYLOAD));
    expect(input).toMatchObject({ typ: 'input+jwe', cty: 'json' });
    expect(Object.keys(epk as object).toSorted()).toEqual(['crv', 'kty', 'x', 'y']);
    expect(recipientOf(jwe)).toBe(kid);
  });

  test('is opened by code that knows nothing but node:crypto', async () => {
    const { payload, header } = openByHand(await sealTo(jwk, 'number+jwe', PAYLOAD), privateKey);
    expect(payload).toEqual(PAYLOAD);
    expect(header['typ']).toBe('number+jwe');
  });

  test('is opened by jose', async () => {
    const { plaintext } = await compactDecrypt(await sealTo(jwk, 'number+jwe', PAYLOAD), privateKey);
    expect(Buffer.from(plaintext)).toEqual(PAYLOAD);
  });

  test('takes a fresh key and nonce each time', async () => {
    const texts = await Promise.all(Array.from({ length: 20 }, () => sealTo(jwk, 'number+jwe', PAYLOAD)));
    const epks = texts.map((jwe) => (decodeProtectedHeader(jwe)['epk'] as { x: string }).x);
    expect(new Set(epks).size).toBe(20);
    expect(new Set(texts.map((jwe) => jwe.split('.')[2])).size).toBe(20);
  });

  test('seals to no key but a public one on P-256', async () => {
    for (const key of [
      undefined,
      privateKey.export({ format: 'jwk' }),
      { ...jwk, crv: 'P-384' },
      { ...jwk, y: jwk.x },
    ])
      await expect(sealTo(key, 'number+jwe', PAYLOAD)).rejects.toThrow(
        refusal('BAD_INPUT', { rule: 'recipientKey' }),
      );
  });

  test('seals no more than its limit, and the limit fits into what is opened', async () => {
    const most = Buffer.alloc(1_024, 'x');
    const jwe = await sealTo(jwk, 'input+jwe', most);
    expect(Buffer.from(await openIt(jwe))).toEqual(most);
    await expect(sealTo(jwk, 'input+jwe', Buffer.alloc(1_025))).rejects.toThrow(refusal('INTERNAL'));
  });
});

describe('opening what was sealed to the vault', () => {
  test('opens what was sealed with node:crypto alone, and with jose', async () => {
    expect(Buffer.from(await openIt(byHand()))).toEqual(PAYLOAD);
    const byJose = await new CompactEncrypt(PAYLOAD)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid, typ: 'input+jwe', cty: 'json' })
      .encrypt(await importJWK(jwk as JWK, 'ECDH-ES'));
    expect(Buffer.from(await openIt(byJose))).toEqual(PAYLOAD);
  });

  test('opens what we seal, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 1_024 }),
        fc.constantFrom<SealedType>('number+jwe', 'input+jwe'),
        async (payload, typ) => {
          const jwe = await sealTo(jwk, typ, payload);
          expect(Uint8Array.from(await openSealed(privateKey, jwe, { typ, kid }))).toEqual(payload);
          expect(openByHand(jwe, privateKey).payload).toEqual(Buffer.from(payload));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('one kind never stands for another', async () => {
    const jwe = await sealTo(jwk, 'number+jwe', PAYLOAD);
    await expect(openIt(jwe)).rejects.toThrow(INTEGRITY_FAILURE);
    for (const typ of [
      undefined,
      null,
      '',
      'JWE',
      'INPUT+JWE',
      'input+jwe ',
      'application/input+jwe',
      ['input+jwe'],
    ])
      await expect(openIt(byHand({ header: { typ: typ ?? null } }))).rejects.toThrow(INTEGRITY_FAILURE);
  });

  test('what each kind holds goes with the kind', async () => {
    const number = { typ: 'number+jwe', kid } as const;
    const token = byHand({ header: { typ: 'number+jwe', cty: 'JWT' } });
    expect(Buffer.from(await openSealed(privateKey, token, number))).toEqual(PAYLOAD);
    const mixed = byHand({ header: { typ: 'number+jwe' } });
    await expect(openSealed(privateKey, mixed, number)).rejects.toThrow(MALFORMED);
  });

  test('another key does not open it, whatever it is called', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const otherKid = thumbprint(p256PublicJwk(other.publicKey.export({ format: 'jwk' })));
    const jwe = byHand();
    await expect(openSealed(privateKey, jwe, { ...EXPECTED, kid: otherKid })).rejects.toThrow(
      INTEGRITY_FAILURE,
    );
    await expect(openSealed(other.privateKey, jwe, EXPECTED)).rejects.toThrow(INTEGRITY_FAILURE);
    const renamed = byHand({ header: { kid: otherKid } });
    await expect(openSealed(other.privateKey, renamed, { ...EXPECTED, kid: otherKid })).rejects.toThrow(
      INTEGRITY_FAILURE,
    );
  });

  test('a right key under the name of another does not open it', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const otherKid = thumbprint(p256PublicJwk(other));
    const misnamed = sealByHand(jwk, otherKid, 'input+jwe', PAYLOAD);
    expect(openByHand(misnamed, privateKey).payload).toEqual(PAYLOAD);
    await expect(openSealed(privateKey, misnamed, { ...EXPECTED, kid: otherKid })).rejects.toThrow(
      INTEGRITY_FAILURE,
    );
  });

  test('with any one bit changed it does not open', async () => {
    const jwe = byHand();
    const [header = '', , nonce = '', ciphertext = '', tag = ''] = jwe.split('.');
    const parts = [header, nonce, ciphertext, tag];
    for (const [at, part] of parts.entries())
      for (let bit = 0; bit < fromBase64url(part).length * 8; bit += 1) {
        const bytes = fromBase64url(part);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const [h, n, c, t] = parts.with(at, base64url(bytes));
        await expect(openIt(`${h}..${n}.${c}.${t}`)).rejects.toThrow(at === 0 ? REFUSED : INTEGRITY_FAILURE);
      }
  });

  test('with any one character changed it does not open: no second spelling', async () => {
    const jwe = byHand();
    for (let at = 0; at < jwe.length; at += 1)
      for (const character of ['A', 'B', '.', '=', '+', ' '])
        if (jwe.charAt(at) !== character) {
          const changed = jwe.slice(0, at) + character + jwe.slice(at + 1);
          await expect(openIt(changed)).rejects.toThrow(REFUSED);
        }
  });
});

/** Whichever of the two refusals: both say nothing of what was inside. */
const REFUSED = expect.toSatisfy(
  (error: unknown) => isKuramoriError(error, 'BAD_INPUT') || isKuramoriError(error, 'INTEGRITY_FAILURE'),
) as Error;

describe('what is refused before any key is used', () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const headers: readonly (readonly [string, Record<string, unknown>])[] = [
    ['alg none', { alg: 'none' }],
    ['alg dir', { alg: 'dir' }],
    ['a wrapping algorithm', { alg: 'ECDH-ES+A256KW' }],
    ['RSA', { alg: 'RSA-OAEP' }],
    ['a password', { alg: 'PBES2-HS256+A128KW' }],
    ['alg in another case', { alg: 'ecdh-es' }],
    ['no alg', { alg: undefined }],
    ['a shorter key', { enc: 'A128GCM' }],
    ['CBC', { enc: 'A256CBC-HS512' }],
    ['no enc', { enc: undefined }],
    ['compression', { zip: 'DEF' }],
    ['critical extensions', { crit: ['exp'], exp: 1 }],
    ['an empty list of critical extensions', { crit: [] }],
    ['another content type', { cty: 'JWT' }],
    ['no content type', { cty: undefined }],
    ['a key of their own', { jwk: stranger }],
    ['an address of keys', { jku: 'https://keys.example/' }],
    ['certificates', { x5c: [] }],
    ['an address of certificates', { x5u: 'https://keys.example/' }],
    ['party information', { apu: 'AA' }],
    ['party information of the other side', { apv: 'AA' }],
    ['no kid', { kid: undefined }],
    ['a kid that is no thumbprint', { kid: '../../key' }],
    ['a kid that is a number', { kid: 1 }],
    ['no ephemeral key', { epk: undefined }],
    ['an ephemeral key that is null', { epk: null }],
    ['an ephemeral key that is a text', { epk: 'key' }],
    [
      'an ephemeral key on another curve',
      {
        epk: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }),
      },
    ],
    [
      'an ephemeral key of X25519',
      { epk: generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }) },
    ],
    ['an ephemeral key beside the curve', { epk: { ...stranger, y: stranger.x } }],
    ['an ephemeral key of zeros', { epk: { ...stranger, x: 'A'.repeat(43), y: 'A'.repeat(43) } }],
    [
      'an ephemeral key with its private half',
      {
        epk: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      },
    ],
    ['an ephemeral key with a further member', { epk: { ...stranger, use: 'enc' } }],
  ];

  test.each(headers)('%s', async (_, header) => {
    const jwe = byHand({ header });
    await expect(openIt(jwe)).rejects.toThrow(MALFORMED);
    expect(() => recipientOf(jwe)).toThrow(MALFORMED);
  });

  test.each<[string, (honest: string) => string | Uint8Array]>([
    ['a member that occurs twice', (honest) => honest.replace('{', '{"alg":"none",')],
    [
      'a member of the ephemeral key that occurs twice',
      (honest) => honest.replace('"kty"', '"kty":"OKP","kty"'),
    ],
    ['a header that is a list', () => '[]'],
    ['a header that is null', () => 'null'],
    ['a header that is no JSON', () => '{"alg":"ECDH-ES"'],
    ['bytes that are no UTF-8', () => Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
  ])('%s', async (_, headerText) => {
    await expect(openIt(byHand({ headerText }))).rejects.toThrow(MALFORMED);
  });

  const [header = '', , nonce = '', ciphertext = '', tag = ''] = byHand().split('.');
  test.each([
    ['nothing', ''],
    ['a word', 'number'],
    ['four parts', `${header}.${nonce}.${ciphertext}.${tag}`],
    ['six parts', `${header}..${nonce}.${ciphertext}.${tag}.`],
    ['a wrapped key', `${header}.AAAA.${nonce}.${ciphertext}.${tag}`],
    ['no ciphertext', `${header}..${nonce}..${tag}`],
    ['a short nonce', `${header}..${nonce.slice(4)}.${ciphertext}.${tag}`],
    ['a short tag', `${header}..${nonce}.${ciphertext}.${base64url(fromBase64url(tag).subarray(0, 4))}`],
    [
      'a tag of 96 bits',
      `${header}..${nonce}.${ciphertext}.${base64url(fromBase64url(tag).subarray(0, 12))}`,
    ],
    ['no tag', `${header}..${nonce}.${ciphertext}.`],
    ['padding', `${header}..${nonce}.${ciphertext}.${tag}==`],
    ['a newline after it', `${header}..${nonce}.${ciphertext}.${tag}\n`],
    ['the JSON form', JSON.stringify({ protected: header, iv: nonce, ciphertext, tag })],
  ])('%s', async (_, jwe) => {
    await expect(openIt(jwe)).rejects.toThrow(MALFORMED);
  });

  test('more than its size, before it is looked at', async () => {
    const jwe = byHand();
    const padding = 'A'.repeat(4_096 - jwe.length);
    await expect(openIt(`${header}..${nonce}.${ciphertext}${padding}.${tag}`)).rejects.toThrow(REFUSED);
    await expect(openIt(`${header}..${nonce}.${ciphertext}${padding}A.${tag}`)).rejects.toThrow(MALFORMED);
    const started = performance.now();
    await expect(openIt('A.'.repeat(50_000_000))).rejects.toThrow(MALFORMED);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('a key that should not open', () => {
  test('is one of another kind', async () => {
    for (const key of [
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
      generateKeyPairSync('ed25519').privateKey,
      publicKey,
    ])
      await expect(openSealed(key, byHand(), EXPECTED)).rejects.toThrow(INTEGRITY_FAILURE);
  });
});
