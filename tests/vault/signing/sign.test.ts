import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { compactVerify, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  certificateClaims,
  ERASURE_CERTIFICATE_TYPE,
  verifyCertificate,
} from '../../../src/vault/erasure/certificate.js';
import { KeyPair, type KeyClass } from '../../../src/vault/keys/key.js';
import type { Ed25519PublicJwk } from '../../../src/vault/keys/publicKey.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { signToken, type NumberClaims } from '../../../src/vault/signing/sign.js';

function keyOf(keyClass: KeyClass, version = 1): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyId = `${keyClass}-${version}`;
  const publicJwk = publicKey.export({ format: 'jwk' }) as unknown as Ed25519PublicJwk;
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return new KeyPair({ keyId, keyClass, version }, keyId, publicJwk, pkcs8);
}

const key = keyOf('certificate', 3);
const jwks = { keys: [{ ...key.publicJwk, kid: key.kid }] };
const ref = newVaultRef();
const JTI = 'A'.repeat(22);
const claimsOf = (number: string | Uint8Array): NumberClaims => ({
  v: 1,
  ref,
  number: Buffer.from(number as string, 'ascii'),
  jti: JTI,
  iat: 1_793_578_201,
});
const erasure = certificateClaims(
  '242012',
  {
    certificateId: 'EC-0b1f3f0e-6f1f-4a0c-9d1c-0f6b2f0e7a11',
    refs: [ref],
    reason: '事務の終了による',
    requestedBy: 'P-1',
    approvedBy: 'P-2',
    startedAt: '2026-11-02T00:10:00Z',
    particulars: {
      fileName: '収滞納管理ファイル',
      basis: '番号法第20条',
      purpose: 'DELINQUENCY',
      approvalId: 'AP-1',
      requestedAt: '2026-11-02T00:00:00Z',
      approvedAt: '2026-11-02T00:05:00Z',
      executedBy: 'P-1',
      keyIds: ['subject-1'],
      intentEntry: '41',
    },
  },
  { doneAt: '2026-11-02T00:10:01Z', issuedAt: 1_793_578_201, backupsUntil: '2026-12-07', doneEntry: 42n },
);

describe('what the vault signs', () => {
  it('is a compact JWS of exactly the header agreed, over JSON in the order of its members', () => {
    const token = signToken(key, 'number+jwt', claimsOf('123456789018')).toString('ascii');
    const [header = '', payload = '', signature = ''] = token.split('.');
    expect(Buffer.from(header, 'base64url').toString()).toBe(
      '{"alg":"EdDSA","typ":"number+jwt","kid":"certificate-3"}',
    );
    expect(Buffer.from(payload, 'base64url').toString()).toBe(
      `{"v":1,"ref":"${ref}","number":"123456789018","jti":"${JTI}","iat":1793578201}`,
    );
    const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify(null, signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('is verified by another implementation', async () => {
    const claims = { v: 1, municipality: '242012', keys: [], iat: 1, exp: 2 } as const;
    const token = signToken(key, 'input-keys+jwt', claims).toString('ascii');
    const { payload } = await compactVerify(token, await importJWK({ ...key.publicJwk }, 'EdDSA'));
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual(claims);
  });

  it('leaves the digits to whoever handed them in, and lies in bytes of its own', () => {
    const claims = claimsOf('123456789018');
    const token = signToken(key, 'number+jwt', claims);
    expect(Buffer.from(claims.number).toString()).toBe('123456789018');
    expect(token.buffer.byteLength).toBe(token.length);
  });

  it('is signed with no key of another class', () => {
    for (const keyClass of ['input', 'subject', 'index', 'factor'] as const)
      expect(() => signToken(keyOf(keyClass), 'number+jwt', claimsOf('123456789018'))).toThrow(
        expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
      );
  });

  it('is signed with no key that was wiped', () => {
    const gone = keyOf('certificate');
    gone.wipe();
    expect(() => signToken(gone, 'number+jwt', claimsOf('123456789018'))).toThrow(
      expect.objectContaining({ code: 'VAULT_SEALED' }),
    );
  });

  it.each(['1234","ref":"vr_', '12345678901\\', '１２３', '123 456'])(
    'is no number that would say something else besides: %j',
    (digits) => {
      expect(() => signToken(key, 'number+jwt', claimsOf(Buffer.from(digits)))).toThrow(
        expect.objectContaining({ code: 'INTERNAL' }),
      );
    },
  );
});

describe('one kind never stands for another', () => {
  it('an erasure certificate is one, by the same key', () => {
    const token = signToken(key, ERASURE_CERTIFICATE_TYPE, erasure).toString('ascii');
    expect(verifyCertificate(token, jwks)).toEqual(erasure);
  });

  it('a number or a list of keys is no erasure certificate', () => {
    const tokens = [
      signToken(key, 'number+jwt', claimsOf('123456789018')),
      signToken(key, 'input-keys+jwt', { v: 1, municipality: '242012', keys: [], iat: 1, exp: 2 }),
      // The same claims under another type.
      signToken(key, 'number+jwt', erasure as unknown as NumberClaims),
    ];
    for (const token of tokens)
      expect(() => verifyCertificate(token.toString('ascii'), jwks)).toThrow(
        expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
      );
  });
});
