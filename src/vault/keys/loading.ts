import { integrityFailure } from '../cipher/integrity.js';
import { unwrapKey } from '../cipher/keyWrap.js';
import type { KeyWrapping } from './creation.js';
import { isPairClass, KeyPair, SecretKey } from './key.js';
import { kidOf, readPublicKey, type PublicJwk } from './publicKey.js';
import type { KeyRow } from './store.js';

/**
 * Opens the key of a row. The row's own class and version are bound to it, so that in another row it does not open.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function loadKey(row: KeyRow, { rootKey, municipality }: KeyWrapping): SecretKey | KeyPair {
  const { keyClass, version, wrapNonce, wrapped } = row;
  if (wrapNonce === null || wrapped === null) throw integrityFailure();
  const bytes = unwrapKey({ wrapNonce, wrapped }, { municipality, keyClass, version }, rootKey);
  if (!isPairClass(keyClass)) return new SecretKey(row, bytes);
  const publicJwk = publicKeyOf(row, rootKey);
  return new KeyPair(row, kidOf(publicJwk, row.keyId), publicJwk, bytes);
}

/** The public key of a row, proved to be ours. @throws KuramoriError INTEGRITY_FAILURE */
export function publicKeyOf({ publicJwk, keyId }: KeyRow, rootKey: Uint8Array): PublicJwk {
  if (publicJwk === null) throw integrityFailure();
  return readPublicKey(publicJwk, keyId, rootKey);
}
