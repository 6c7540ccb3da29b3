import { KEY_MATERIAL_BYTES_MAX } from '../../kernel/limits.js';
import { isMunicipalityCode, type MunicipalityCode } from '../number/municipalityCode.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { assertKeyName } from './context.js';
import { deriveKey, RFC5869_NO_SALT } from './derive.js';
import { openGcm, sealGcm, SP800_38D_TAG_BYTES, type Sealed } from './gcm.js';
import { integrityFailure } from './integrity.js';
import { wipe } from './wipe.js';

/** Which managed key: in the row of another it does not open. */
export interface ManagedKeyName {
  readonly municipality: MunicipalityCode;
  /** What it is for, such as `subject`: one class, one algorithm (handbook 14 §3). */
  readonly keyClass: string;
  /** From 1. */
  readonly version: number;
}

/** A managed key under the root key, as it lies in the columns of its row. */
export interface WrappedKey {
  /** 12 bytes. */
  readonly wrapNonce: Uint8Array;
  /** As long as the key, and the 16 bytes of the tag after it. */
  readonly wrapped: Uint8Array;
}

/** Form of the wrap, bound by its associated data. Another form is another number and a column that tells it. */
const KEY_WRAP_VERSION = 1;

/** The id of a managed key, such as `subject-3`. */
export function keyIdOf(keyClass: string, version: number): string {
  return `${keyClass}-${version}`;
}

/**
 * Wraps a managed key under the root key.
 * @param material 32 bytes, or a private key as PKCS #8; at most KEY_MATERIAL_BYTES_MAX
 * @param rootKey 32 bytes
 * @throws KuramoriError INTEGRITY_FAILURE when the name, the material or the root key has not the form it must have
 */
export function wrapKey(material: Uint8Array, name: ManagedKeyName, rootKey: Uint8Array): WrappedKey {
  assertMaterialLength(material.length);
  const { nonce, ciphertext } = withRootWrapKey(rootKey, (key) => sealGcm(key, material, associated(name)));
  return { wrapNonce: nonce, wrapped: ciphertext };
}

/**
 * Opens a managed key. The caller wipes the result when the vault is sealed.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function unwrapKey(wrapped: WrappedKey, name: ManagedKeyName, rootKey: Uint8Array): Uint8Array {
  assertMaterialLength(wrapped.wrapped.length - SP800_38D_TAG_BYTES);
  const sealed: Sealed = { nonce: wrapped.wrapNonce, ciphertext: wrapped.wrapped };
  return withRootWrapKey(rootKey, (key) => openGcm(key, sealed, associated(name)));
}

function withRootWrapKey<Result>(rootKey: Uint8Array, use: (key: Uint8Array) => Result): Result {
  const key = deriveKey(rootKey, RFC5869_NO_SALT, 'keyWrap');
  try {
    return use(key);
  } finally {
    wipe(key);
  }
}

function associated({ municipality, keyClass, version }: ManagedKeyName): Uint8Array {
  const keyId = keyIdOf(keyClass, version);
  assertKeyName(keyId, version);
  if (!isMunicipalityCode(municipality)) throw integrityFailure();
  return canonicalBytes({ v: KEY_WRAP_VERSION, municipality, keyClass, keyId, version });
}

function assertMaterialLength(bytes: number): void {
  if (bytes < 1 || bytes > KEY_MATERIAL_BYTES_MAX) throw integrityFailure();
}
