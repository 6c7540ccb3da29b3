import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { TRANSFER_KEY_PEM_CHARS_MAX } from '../../kernel/limits.js';
import { sha256Form, sha256Hex } from './forms.js';

/** An age recipient as text: `age1…`, Bech32 of an X25519 public key. */
export const AGE_RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;

/**
 * The fingerprint of an age recipient, which two people read out and confirm (handbook 13 §5): SHA-256 of its text, as
 * `printf %s age1… | sha256sum` prints it.
 */
export function recipientFingerprint(recipient: string): string {
  return sha256Hex(recipient);
}

/** The fingerprint of a public Ed25519 key: SHA-256 of its SPKI, as `openssl pkey -pubin -outform DER | sha256sum`. */
export function keyFingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** A signing key as text, with its fingerprint, which must be that of the key. */
export const signingKeyShape = {
  /** Ed25519, SPKI, PEM. */
  publicKey: z.string().startsWith('-----BEGIN PUBLIC KEY-----').max(TRANSFER_KEY_PEM_CHARS_MAX),
  /** SHA-256 of its SPKI, hexadecimal. */
  fingerprint: sha256Form,
};

/** Whether text and fingerprint are of the same Ed25519 key. */
export function isOneSigningKey(key: { readonly publicKey: string; readonly fingerprint: string }): boolean {
  try {
    const read = createPublicKey(key.publicKey);
    return read.asymmetricKeyType === 'ed25519' && keyFingerprint(read) === key.fingerprint;
  } catch {
    return false;
  }
}

/** A digest in groups of four, as people compare it: 16 groups in two lines. */
export function inGroups(digest: string): string {
  const groups = digest.match(/.{4}/g) ?? [];
  return [groups.slice(0, 8), groups.slice(8)].map((line) => line.join(' ')).join('\n');
}
