import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { integrityFailure } from './integrity.js';
import { wipe } from './wipe.js';

/** NIST SP 800-38D §8.2.2: 96 random bits. */
export const SP800_38D_NONCE_BYTES = 12;
/** NIST SP 800-38D §5.2.1.2: 128 bits, the longest; shorter ones are refused (handbook 14 §2). */
export const SP800_38D_TAG_BYTES = 16;
export const AES256_KEY_BYTES = 32;

/** What AES-256-GCM makes of a plaintext, as it lies in two columns. */
export interface Sealed {
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** As long as the plaintext, and the 16 bytes of the tag after it. */
  readonly ciphertext: Uint8Array;
}

/**
 * Encrypts under a fresh random nonce.
 * @param key 32 bytes
 * @param associated bound to the ciphertext, not encrypted
 * @throws KuramoriError INTEGRITY_FAILURE when the key is not usable
 */
export function sealGcm(key: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Sealed {
  assertKey(key);
  const nonce = randomBytes(SP800_38D_NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: SP800_38D_TAG_BYTES });
  cipher.setAAD(associated);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { nonce, ciphertext };
}

/**
 * Decrypts. Nothing leaves before the tag is checked; what was decrypted under a wrong tag is wiped.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function openGcm(key: Uint8Array, sealed: Sealed, associated: Uint8Array): Uint8Array {
  assertKey(key);
  const { nonce, ciphertext } = sealed;
  // Left alone, Node would take a tag of four bytes, which an adversary guesses.
  if (nonce.length !== SP800_38D_NONCE_BYTES || ciphertext.length < SP800_38D_TAG_BYTES) {
    throw integrityFailure();
  }
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: SP800_38D_TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(ciphertext.subarray(-SP800_38D_TAG_BYTES));
  const plaintext = decipher.update(ciphertext.subarray(0, -SP800_38D_TAG_BYTES));
  try {
    decipher.final();
  } catch {
    wipe(plaintext);
    throw integrityFailure();
  }
  return plaintext;
}

/**
 * A key of 32 bytes that are not all zero: the bytes of a wiped key are, and what it sealed anyone could open.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function assertKey(key: Uint8Array): void {
  if (key.length !== AES256_KEY_BYTES || key.every((byte) => byte === 0)) throw integrityFailure();
}
