import { createHmac, timingSafeEqual } from 'node:crypto';
import { AES256_KEY_BYTES } from '../cipher/gcm.js';
import { hkdf, RFC5869_NO_SALT } from '../cipher/derive.js';
import { wipe } from '../cipher/wipe.js';

/** Never changes: what it makes of a root key is stored. */
const CHECK_CONSTANT = Buffer.from('kuramori/vault/seal-check/v1', 'ascii');

/** HMAC of a constant under a key derived from the root key for this alone. 32 bytes. */
export function checkValue(rootKey: Uint8Array): Uint8Array {
  const key = hkdf(rootKey, RFC5869_NO_SALT, CHECK_CONSTANT, AES256_KEY_BYTES);
  try {
    return createHmac('sha256', key).update(CHECK_CONSTANT).digest();
  } finally {
    wipe(key);
  }
}

/** Whether this is the root key of the vault, in time that does not depend on where it differs. */
export function isRootKey(rootKey: Uint8Array, check: Uint8Array): boolean {
  const value = checkValue(rootKey);
  return (
    rootKey.length === AES256_KEY_BYTES && value.length === check.length && timingSafeEqual(value, check)
  );
}
