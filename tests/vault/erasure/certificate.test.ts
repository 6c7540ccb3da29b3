import { createHash, generateKeyPairSync } from 'node:crypto';
import { CompactSign, compactVerify, exportJWK, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  certificateClaims,
  certifies,
  ERASURE_CERTIFICATE_TYPE,
  verifyCertificate,
} from '../../../src/vault/erasure/certificate.js';
import { refsDigest, type Erasure } from '../../../src/vault/erasure/order.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { MUNICIPALITY, newCertifier } from './support/vault.js';

const refs = [newVaultRef(), newVaultRef(), newVaultRef()].toSorted();
const erasure: Erasure = {
  certificateId: 'EC-0b1f3f0e-6f1f-4a0c-9d1c-0f6b2f0e7a11',
  refs,
  reason: '事務の終了による',
  requestedBy: 'P-1',
  approvedBy: 'P-2',
  startedAt: '2026-11-02T00:10:00Z',
  particulars: {
    fileName: '収滞納管理ファイル',
    basis: '地方税法第18条',
    retentionClass: 'TAX_LEDGER',
    purpose: 'DELINQUENCY',
    approvalId: 'AP-1',
    requestedAt: '2026-11-02T00:00:00Z',
    approvedAt: '2026-11-02T00:05:00Z',
    executedBy: 'P-1',
    keyIds: ['subject-1', 'subject-2'],
    intentEntry: '41',
  },
};
const end = {
  doneAt: '2026-11-02T00:10:01.250Z',
  issuedAt: 1_793_578_201,
  backupsUntil: '2026-12-07',
  doneEntry: 42n,
};
const claims = certificateClaims(MUNICIPALITY, erasure, end);
const { sign, publicJwk } = await newCertifier();
const signed = await sign(claims);
const keys = { keys: [publicJwk] };
const INTEGRITY: unknown = expect.objectContaining({ code: 'INTEGRITY_FAILURE' });

describe('an erasure certificate (handbook 11 §6 point 6)', () => {
  it('says what was erased, how, why, by whom and when, and until when backups may hold it', () => {
    expect(verifyCertificate(signed, keys)).toEqual({
      iss: `vault:${MUNICIPALITY}`,
      jti: erasure.certificateId,
      iat: 1_793_578_201,
      fileName: '収滞納管理ファイル',
      subjects: 3,
      refsDigest: refsDigest(refs),
      method: 'cryptoErase',
      basis: '地方税法第18条',
      retentionClass: 'TAX_LEDGER',
      reason: '事務の終了による',
      requested: { by: 'P-1', at: '2026-11-02T00:00:00Z' },
      approved: { by: 'P-2', at: '2026-11-02T00:05:00Z', approvalId: 'AP-1' },
      executed: { by: 'P-1', at: '2026-11-02T00:10:01.250Z', startedAt: '2026-11-02T00:10:00Z' },
      destroyed: { shredKeys: 3, wrappedUnder: ['subject-1', 'subject-2'] },
      backupsUntil: '2026-12-07',
      audit: { intent: '41', done: '42' },
    });
  });

  it('names no reference', () => {
    const payload = Buffer.from(signed.split('.')[1]!, 'base64url').toString('utf8');
    expect(refs.filter((ref) => payload.includes(ref))).toEqual([]);
  });

  it('has a digest that whoever holds the list works out again with common tools', () => {
    const list = `[${refs
      .toReversed()
      .toSorted()
      .map((ref) => `"${ref}"`)
      .join(',')}]`;
    const digest = `sha256:${createHash('sha256').update(list).digest('base64url')}`;
    expect(claims.refsDigest).toBe(digest);
    expect(certifies(claims, refs.toReversed())).toBe(true);
    expect(certifies(claims, refs.slice(1))).toBe(false);
    expect(certifies(claims, [...refs.slice(1), newVaultRef()])).toBe(false);
    expect(certifies(claims, [...refs, refs[0]!])).toBe(false);
  });

  it('is verified by another implementation too', async () => {
    const { payload, protectedHeader } = await compactVerify(signed, await importJWK(publicJwk, 'EdDSA'));
    expect(protectedHeader.typ).toBe(ERASURE_CERTIFICATE_TYPE);
    expect(JSON.parse(Buffer.from(payload).toString('utf8'))).toEqual(claims);
  });

  it('needs no retention rule when another basis is named', async () => {
    const { retentionClass: _, ...particulars } = erasure.particulars;
    const other = certificateClaims(MUNICIPALITY, { ...erasure, particulars }, end);
    expect(verifyCertificate(await sign(other), keys)).not.toHaveProperty('retentionClass');
  });

  it('is refused with any character changed', () => {
    const characters = [...signed];
    for (const [at, character] of characters.entries()) {
      const changed = characters.with(at, character === 'A' ? 'B' : 'A').join('');
      expect(() => verifyCertificate(changed, keys), `character ${at}`).toThrow(INTEGRITY);
    }
  });

  it('is refused under the key of another, of another name, or of two of one name', async () => {
    const other = await newCertifier();
    for (const jwks of [
      [],
      [other.publicJwk],
      [{ ...publicJwk, kid: 'certificate-2' }],
      [publicJwk, publicJwk],
    ]) {
      expect(() => verifyCertificate(signed, { keys: jwks })).toThrow(INTEGRITY);
    }
  });

  it('is refused as another kind of token, or with another algorithm', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'certificate-1' };
    const bytes = Buffer.from(JSON.stringify(claims));
    const token = await new CompactSign(bytes)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'op+jwt', kid: 'certificate-1' })
      .sign(privateKey);
    expect(() => verifyCertificate(token, { keys: [jwk] })).toThrow(INTEGRITY);
    const header = Buffer.from(
      JSON.stringify({ alg: 'none', typ: ERASURE_CERTIFICATE_TYPE, kid: 'certificate-1' }),
    ).toString('base64url');
    expect(() => verifyCertificate(`${header}.${bytes.toString('base64url')}.`, { keys: [jwk] })).toThrow(
      INTEGRITY,
    );
  });

  it.each([
    ['without its digest', { refsDigest: undefined }],
    ['of nobody', { subjects: 0 }],
    ['of another method', { method: 'overwrite' }],
    ['with a member more', { number: '123456789018' }],
    ['without a date for backups', { backupsUntil: '35 days' }],
  ])('is refused %s, though it is signed', async (_, changes) => {
    const unsound = await sign({ ...claims, ...changes } as typeof claims);
    expect(() => verifyCertificate(unsound, keys)).toThrow(INTEGRITY);
  });
});
