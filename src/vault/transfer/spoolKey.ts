import { canonicalBytes } from '../../kernel/canonical.js';
import { openGcm, sealGcm } from '../cipher/gcm.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { SecretKey } from '../keys/key.js';

const VERSION = 1;

/** The data key of a file in the spool, wrapped, as it lies in its row. */
export interface WrappedSpoolKey {
  readonly keyId: string;
  readonly wrapNonce: Uint8Array;
  /** With its tag. */
  readonly wrapped: Uint8Array;
}

/** Which file it is of: in the row of another it does not open. */
export interface SpoolPlace {
  readonly municipality: string;
  readonly spoolId: string;
}

/** Wraps a data key. @param dataKey 32 bytes @param key of the class `file` */
export function wrapSpoolKey(dataKey: Uint8Array, place: SpoolPlace, key: SecretKey): WrappedSpoolKey {
  const { nonce, ciphertext } = sealGcm(key.key, dataKey, associated(place, key.keyId));
  return { keyId: key.keyId, wrapNonce: nonce, wrapped: ciphertext };
}

/**
 * Opens a data key. The caller wipes it.
 * @param key that the row names
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function unwrapSpoolKey(wrapped: WrappedSpoolKey, place: SpoolPlace, key: SecretKey): Uint8Array {
  if (wrapped.keyId !== key.keyId) throw integrityFailure();
  const sealed = { nonce: wrapped.wrapNonce, ciphertext: wrapped.wrapped };
  return openGcm(key.key, sealed, associated(place, key.keyId));
}

function associated({ municipality, spoolId }: SpoolPlace, keyId: string): Uint8Array {
  return canonicalBytes({ v: VERSION, municipality, spoolId, field: 'spool', keyId });
}
