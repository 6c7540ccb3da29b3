import { createPrivateKey, createPublicKey, diffieHellman, type JsonWebKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatKdf, signJws, thumbprint, openAssertion } from './support/jose.js';

describe('the implementation that the client is held against', () => {
  test('derives the key of RFC 7518 appendix C', () => {
    const alice = {
      kty: 'EC',
      crv: 'P-256',
      x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
      y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
      d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
    };
    const bob = {
      kty: 'EC',
      crv: 'P-256',
      x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
      y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
    };
    const z = diffieHellman({
      privateKey: createPrivateKey({ key: alice, format: 'jwk' }),
      publicKey: createPublicKey({ key: bob, format: 'jwk' }),
    });
    expect(concatKdf(z, 'A128GCM', 'Alice', 'Bob', 128).toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg');
  });

  test('gives the thumbprint of RFC 8037 appendix A.3', () => {
    expect(thumbprint({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })).toBe(
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    );
  });

  test('refuses the signature of another key', () => {
    const [one, other] = [ed25519('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'), ed25519('A'.repeat(43))];
    const jws = signJws({ alg: 'EdDSA' }, { op: 'hold' }, one);
    expect(openAssertion(jws, one).claims).toEqual({ op: 'hold' });
    expect(() => openAssertion(jws, other)).toThrow('the signature is not of this key');
  });
});

/** The private JWK of a seed; the first is that of RFC 8037 appendix A.1. */
function ed25519(d: string): JsonWebKey {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(d, 'base64url'),
  ]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
}
