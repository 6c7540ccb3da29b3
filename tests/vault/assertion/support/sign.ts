import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { bodyDigestOf } from '../../../../src/vault/assertion/digest.js';
import type { CredentialEntry } from '../../../../src/vault/staff/credential.js';

export type Claims = Record<string, unknown>;

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: CredentialEntry['publicJwk'];
}

export const MUNICIPALITY = '242012';
export const REF = 'vr_0123456789ABCDEFGHJKMNPQRS';
export const BODY = { reason: 'lawsuit' };
export const THUMBPRINT = 'A'.repeat(43);

export function newTestKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicJwk: publicKey.export({ format: 'jwk' }) };
}

export function newJti(): string {
  return randomBytes(16).toString('base64url');
}

/** Claims of a sound assertion at an instant; `undefined` leaves a claim out. */
export function claimsAt(at: string, own: Claims = {}): Claims {
  const iat = Math.floor(Date.parse(at) / 1000);
  return {
    iss: 'terminal:T-0417',
    sub: 'person:P-1029',
    aud: `vault:${MUNICIPALITY}`,
    iat,
    exp: iat + 60,
    jti: newJti(),
    op: 'hold',
    ref: REF,
    count: 1,
    purpose: 'DELINQUENCY',
    basis: 'BASIS-24',
    case: 'C-2026-0098',
    bodyDigest: bodyDigestOf(BODY),
    ...own,
  };
}

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8').toString('base64url');

/** Compact JWS of whatever header and claims, signed with Ed25519. Text is taken as it is. */
export function signed(header: unknown, claims: unknown, key: TestKey): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), key.privateKey).toString('base64url')}`;
}

export const headerOf = (kid: string) => ({ alg: 'EdDSA', typ: 'op+jwt', kid });
