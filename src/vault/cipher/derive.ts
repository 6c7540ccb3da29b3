import { hkdfSync } from 'node:crypto';
import { AES256_KEY_BYTES, assertKey } from './gcm.js';

/**
 * What a derived key is for (handbook 14 §3): one key never serves two ends. The names are part of every stored byte
 * and never change.
 */
export const DERIVATION = {
  /** Wraps the managed keys under the root key. */
  keyWrap: 'kuramori/vault/wrap/v1',
  /** Wraps the data key of a record under the subject key and the record's shred key. */
  dekWrap: 'kuramori/vault/dek-wrap/v1',
} as const;

export type Derivation = keyof typeof DERIVATION;

/** RFC 5869 §2.2: when no salt is given, a string of zeros stands for it; the empty one is the same. */
export const RFC5869_NO_SALT: Uint8Array = new Uint8Array(0);

/**
 * A key of 32 bytes for one end, by HKDF-SHA-256.
 * @param secret 32 bytes
 * @throws KuramoriError INTEGRITY_FAILURE when the secret is not usable
 */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, end: Derivation): Uint8Array {
  assertKey(secret);
  return hkdf(secret, salt, Buffer.from(DERIVATION[end], 'ascii'), AES256_KEY_BYTES);
}

/** HKDF-SHA-256 (RFC 5869): extract and expand. @param bytes length of the result */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, bytes));
}
