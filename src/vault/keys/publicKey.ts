import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalBytes } from '../../kernel/canonical.js';
import { hkdf, RFC5869_NO_SALT } from '../cipher/derive.js';
import { AES256_KEY_BYTES } from '../cipher/gcm.js';
import { integrityFailure } from '../cipher/integrity.js';
import { thumbprint, type P256PublicJwk } from '../cipher/p256.js';
import { wipe } from '../cipher/wipe.js';

/** A public key on Ed25519 (RFC 8037). */
export interface Ed25519PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** A public key on X25519 (RFC 8037): an age recipient. */
export interface X25519PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly x: string;
}

export type PublicJwk = P256PublicJwk | Ed25519PublicJwk | X25519PublicJwk;

/** As it is handed to others: what the key is for, and under which name. */
export type PublishedJwk = PublicJwk & { readonly kid: string; readonly use: string; readonly alg: string };

/** JWK set (RFC 7517 §5). */
export interface PublishedJwks {
  readonly keys: readonly PublishedJwk[];
}

/** Part of every tag, and never changes. */
const TAG_INFO = Buffer.from('kuramori/vault/public-key/v1', 'ascii');

/**
 * The text that lies in a key's row: the public key and a tag under the root key. An adversary who writes to the
 * database could otherwise put a key of his own there, and have numbers sealed to it.
 */
export function storedPublicKey(jwk: PublicJwk, keyId: string, rootKey: Uint8Array): string {
  return JSON.stringify({ ...jwk, tag: tagOf(jwk, keyId, rootKey).toString('base64url') });
}

/**
 * Reads what `storedPublicKey` wrote.
 * @throws KuramoriError INTEGRITY_FAILURE when it is of another key, or was altered
 */
export function readPublicKey(text: string, keyId: string, rootKey: Uint8Array): PublicJwk {
  const { tag, ...members } = JSON.parse(text) as Readonly<Record<string, string>>;
  const jwk = members as unknown as PublicJwk;
  const given = Buffer.from(String(tag), 'base64url');
  const expected = tagOf(jwk, keyId, rootKey);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw integrityFailure();
  return jwk;
}

/** RFC 7638 thumbprint of a key to seal to; the id of a key that signs. */
export function kidOf(jwk: PublicJwk, keyId: string): string {
  return jwk.kty === 'EC' ? thumbprint(jwk) : keyId;
}

export function publishedJwk(jwk: PublicJwk, keyId: string): PublishedJwk {
  return { ...jwk, kid: kidOf(jwk, keyId), ...USES[jwk.crv] };
}

const USES = {
  'P-256': { use: 'enc', alg: 'ECDH-ES' },
  X25519: { use: 'enc', alg: 'ECDH-ES' },
  Ed25519: { use: 'sig', alg: 'EdDSA' },
} as const;

function tagOf(jwk: PublicJwk, keyId: string, rootKey: Uint8Array): Buffer {
  const key = hkdf(rootKey, RFC5869_NO_SALT, TAG_INFO, AES256_KEY_BYTES);
  try {
    return createHmac('sha256', key)
      .update(canonicalBytes({ ...jwk, keyId }))
      .digest();
  } finally {
    wipe(key);
  }
}
