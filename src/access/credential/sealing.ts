import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import type { KeyRing } from '../identity.types.js';
import { keyOf } from './keys.js';

const GCM_NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;

/** A secret under AES-256-GCM: nonce, ciphertext, tag; and the name of the key. */
export interface SealedSecret {
  readonly material: Uint8Array;
  readonly keyId: string;
}

/** @param owner bound as associated data: a row copied to another account does not open */
export function seal(secret: Uint8Array, owner: string, keys: KeyRing): SealedSecret {
  const nonce = randomBytes(GCM_NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.current.key, nonce, { authTagLength: GCM_TAG_BYTES });
  cipher.setAAD(associatedData(owner, keys.current.id));
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return { material: Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]), keyId: keys.current.id };
}

/** @throws KuramoriError INTERNAL when the key is unknown or a byte was changed */
export function unseal(sealed: SealedSecret, owner: string, keys: KeyRing): Uint8Array {
  const key = keyOf(keys, sealed.keyId);
  if (key === undefined) {
    throw new KuramoriError(
      'INTERNAL',
      'The key of a stored credential is not configured. Restore it to the key file.',
    );
  }
  const material = Buffer.from(sealed.material);
  const decipher = createDecipheriv('aes-256-gcm', key, material.subarray(0, GCM_NONCE_BYTES), {
    authTagLength: GCM_TAG_BYTES,
  });
  decipher.setAAD(associatedData(owner, sealed.keyId));
  try {
    decipher.setAuthTag(material.subarray(-GCM_TAG_BYTES));
    return Buffer.concat([
      decipher.update(material.subarray(GCM_NONCE_BYTES, -GCM_TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new KuramoriError(
      'INTERNAL',
      'A stored credential was altered. Reset the credentials of the account.',
      {},
      { cause },
    );
  }
}

function associatedData(owner: string, keyId: string): Uint8Array {
  return Buffer.from(JSON.stringify(['kuramori.credential', owner, keyId]), 'utf8');
}
