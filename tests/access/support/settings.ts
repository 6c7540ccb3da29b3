import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { IdentitySettings } from '../../../src/access/identity.js';

/** An Ed25519 pair as private JWK. */
export function ed25519Jwk(kid: string): JWK {
  return { ...(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK), kid };
}

/** The public part of a JWK. */
export function publicPart({ kty, crv, x, kid }: JWK): JWK {
  return { kty: String(kty), crv: String(crv), x: String(x), kid: String(kid) };
}

export const FAST_ARGON2 = { memoryKib: 64, passes: 1, lanes: 1 };

/** Sound settings with a cheap password verifier. */
export function settings(changed: Partial<IdentitySettings> = {}): IdentitySettings {
  return {
    issuer: 'https://gateway.kuramori.test',
    audience: 'kuramori:test',
    tokenEndpoint: 'https://gateway.kuramori.test/token',
    signingKey: ed25519Jwk('sign-1'),
    formerSigningKeys: [],
    pepper: { current: { id: 'pepper-1', key: Buffer.alloc(32, 1) }, former: [] },
    credentialKey: { current: { id: 'credential-1', key: Buffer.alloc(32, 2) }, former: [] },
    argon2: FAST_ARGON2,
    refusalMs: 0,
    sessionIdleMinutes: 15,
    sessionAbsoluteMinutes: 480,
    oidc: undefined,
    ...changed,
  };
}
