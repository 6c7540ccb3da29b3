import { canonicalBytes } from '../../kernel/canonical.js';
import { openGcm, sealGcm, type Sealed } from '../cipher/gcm.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { SecretKey } from './key.js';

const VERSION = 1;

/** A TOTP secret as it lies in its row of vault.factor. */
export interface SealedFactor extends Sealed {
  readonly keyId: string;
}

/** Whose secret it is: in the row of another person it does not open. */
export interface FactorOwner {
  readonly municipality: string;
  readonly personId: string;
}

/** Seals a TOTP secret. @param key of the class `factor` */
export function sealFactor(secret: Uint8Array, owner: FactorOwner, key: SecretKey): SealedFactor {
  return { keyId: key.keyId, ...sealGcm(key.key, secret, associated(owner, key.keyId)) };
}

/**
 * Opens a TOTP secret. The caller wipes it.
 * @param key that the row names
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function openFactor(sealed: SealedFactor, owner: FactorOwner, key: SecretKey): Uint8Array {
  if (sealed.keyId !== key.keyId) throw integrityFailure();
  return openGcm(key.key, sealed, associated(owner, key.keyId));
}

function associated({ municipality, personId }: FactorOwner, keyId: string): Uint8Array {
  return canonicalBytes({ v: VERSION, municipality, personId, field: 'totp', keyId });
}
