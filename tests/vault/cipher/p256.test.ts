import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { p256PublicJwk, p256PublicJwkOf, thumbprint } from '../../../src/vault/cipher/p256.js';
import { refusal } from './support/refusals.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicJwk = () => pair().publicKey.export({ format: 'jwk' });

/** RFC 7518 appendix C: Bob's key. */
const BOB = {
  kty: 'EC',
  crv: 'P-256',
  x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
  y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
};

const BAD_KEY = refusal('BAD_INPUT', { rule: 'recipientKey' });

const bytesOf = (text: string) => Buffer.from(text, 'base64url');
const zeros = (bytes: number) => Buffer.alloc(bytes).toString('base64url');

/** y² = x³ − 3x + b over the field of P-256 (SEC 2 §2.4.2), to find points that are not on it. */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const integer = (text: string) => BigInt(`0x${bytesOf(text).toString('hex')}`);
const coordinate = (value: bigint) =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');
const isOnCurve = (x: bigint, y: bigint) => (y * y - (x ** 3n - 3n * x + B)) % P === 0n;

describe('a public key to seal to', () => {
  test('is taken, and nothing beside it', () => {
    const noisy = {
      ...BOB,
      kid: 'x',
      use: 'enc',
      alg: 'ECDH-ES',
      key_ops: [],
      ext: true,
      x5u: 'https://a.example',
    };
    expect(p256PublicJwk(noisy)).toEqual(BOB);
    expect(isOnCurve(integer(BOB.x), integer(BOB.y))).toBe(true);
  });

  test('can be any that Node makes', () => {
    for (let times = 0; times < 50; times += 1) {
      const { kty, crv, x, y } = publicJwk();
      expect(p256PublicJwk({ kty, crv, x, y })).toEqual({ kty, crv, x, y });
    }
  });

  const honest = publicJwk() as { kty: string; crv: string; x: string; y: string };
  const x = integer(honest.x);
  const y = integer(honest.y);
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'key'],
    ['a list', [honest]],
    ['another kind of key', { ...honest, kty: 'OKP' }],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })],
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })],
    [
      'secp256k1 under the name P-256',
      {
        ...generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' }),
        crv: 'P-256',
      },
    ],
    ['X25519', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' })],
    ['a symmetric key', { kty: 'oct', k: zeros(32) }],
    ['a private key', pair().privateKey.export({ format: 'jwk' })],
    ['no y', { ...honest, y: undefined }],
    ['no x', { ...honest, x: undefined }],
    ['a numeric x', { ...honest, x: 1 }],
    ['an x of 31 bytes', { ...honest, x: bytesOf(honest.x).subarray(1).toString('base64url') }],
    [
      'an x of 33 bytes',
      { ...honest, x: Buffer.concat([Buffer.of(0), bytesOf(honest.x)]).toString('base64url') },
    ],
    ['padding', { ...honest, x: `${honest.x}=` }],
    ['ordinary base64', { ...honest, x: `+/${honest.x.slice(2)}` }],
    ['spare bits in the last character', { ...honest, x: withSpareBits(honest.x) }],
    ['a point beside the curve', { ...honest, y: coordinate(y ^ 1n) }],
    ['another point’s y', { ...honest, y: publicJwk().y }],
    ['the point of zeros', { ...honest, x: zeros(32), y: zeros(32) }],
    [
      'coordinates over the field',
      { ...honest, x: coordinate(2n ** 256n - 1n), y: coordinate(2n ** 256n - 1n) },
    ],
    ['a point of an invalid curve of small order', { ...honest, x: coordinate(x), y: coordinate(0n) }],
  ])('is not %s', (_, key) => {
    expect(() => p256PublicJwk(key)).toThrow(BAD_KEY);
  });

  test('has one spelling: a coordinate and itself plus the prime are not both taken', () => {
    let small = 1n;
    while (squareRoot(small ** 3n - 3n * small + B) === undefined) small += 1n;
    const root = squareRoot(small ** 3n - 3n * small + B)!;
    const key = { ...honest, x: coordinate(small), y: coordinate(root) };
    expect(p256PublicJwk(key)).toEqual({ kty: 'EC', crv: 'P-256', x: key.x, y: key.y });
    expect(() => p256PublicJwk({ ...key, x: coordinate(small + P) })).toThrow(BAD_KEY);
  });

  test('must satisfy the equation of the curve: a thousand neighbours of a point that do not', () => {
    let refused = 0;
    for (let step = 1n; step <= 1_000n; step += 1n) {
      const other = (y + step) % P;
      if (isOnCurve(x, other)) continue;
      refused += 1;
      expect(() => p256PublicJwk({ ...honest, y: coordinate(other) })).toThrow(BAD_KEY);
    }
    expect(refused).toBeGreaterThan(990);
    expect(p256PublicJwk({ ...honest, y: coordinate(P - y) }).x).toBe(honest.x);
  });
});

describe('the thumbprint of a key', () => {
  test('RFC 7638: as jose has it, whatever else the key says', async () => {
    for (let times = 0; times < 20; times += 1) {
      const key = publicJwk();
      const noisy: JsonWebKey = { ...key, use: 'enc', kid: 'x' };
      expect(thumbprint(p256PublicJwk(noisy))).toBe(await calculateJwkThumbprint(key as JWK, 'sha256'));
    }
  });
});

describe('the public half of a private key', () => {
  test('is taken from a private key on P-256', () => {
    const { privateKey, publicKey } = pair();
    expect(p256PublicJwkOf(privateKey)).toEqual(publicKey.export({ format: 'jwk' }));
  });

  test.each([
    ['a public key', pair().publicKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ])('is not taken from %s', (_, key) => {
    expect(() => p256PublicJwkOf(key)).toThrow(BAD_KEY);
  });
});

/** The prime is 3 modulo 4. */
function squareRoot(value: bigint): bigint | undefined {
  let root = 1n;
  let base = ((value % P) + P) % P;
  for (let exponent = (P + 1n) / 4n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) root = (root * base) % P;
    base = (base * base) % P;
  }
  return (root * root - value) % P === 0n ? root : undefined;
}

/** Another spelling of the same 32 bytes: the last of 43 characters has two bits to spare. */
function withSpareBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.at(-1)!);
  return text.slice(0, -1) + alphabet.charAt(last | 1);
}
