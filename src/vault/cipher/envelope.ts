import { randomBytes } from 'node:crypto';
import { RECORD_VALUE_BYTES_MAX } from '../../kernel/limits.js';
import { dataAssociated, wrapAssociated, type RecordContext, type WrapKeyName } from './context.js';
import { deriveKey } from './derive.js';
import { AES256_KEY_BYTES, assertKey, openGcm, sealGcm, SP800_38D_TAG_BYTES, type Sealed } from './gcm.js';
import { integrityFailure } from './integrity.js';
import { wipe } from './wipe.js';

/**
 * A sealed value (封筒暗号) as it lies in the columns of its row (handbook 14 §1): the value under a data key of its
 * own, and the data key under a key derived from the subject key and the record's shred key. `keyId` and `kekVersion`
 * name the subject key. The form of the envelope, 1, is in the associated data of both.
 */
export interface RecordEnvelope extends Sealed, WrapKeyName {
  /** 12 bytes. */
  readonly wrapNonce: Uint8Array;
  /** 48 bytes: 32 and the tag. */
  readonly wrappedDek: Uint8Array;
}

/** A version of the subject key (鍵暗号化鍵), opened. */
export interface KeyEncryptionKey extends WrapKeyName {
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** A fresh key of 32 random bytes: a data key, a shred key, or a managed key of AES or HMAC. */
export function newKey(): Uint8Array {
  return randomBytes(AES256_KEY_BYTES);
}

/**
 * Seals a value under a fresh data key.
 * @param plaintext 1 byte to RECORD_VALUE_BYTES_MAX; wiping it stays with the caller
 * @param shredKey 32 bytes, kept in another store: without it nobody opens the envelope again (暗号消去)
 * @throws KuramoriError INTEGRITY_FAILURE when the context or a key has not the form it must have
 */
export function sealRecord(
  plaintext: Uint8Array,
  context: RecordContext,
  kek: KeyEncryptionKey,
  shredKey: Uint8Array,
): RecordEnvelope {
  assertValueLength(plaintext.length);
  const dek = newKey();
  try {
    const value = sealGcm(dek, plaintext, dataAssociated(context));
    return { ...value, ...wrapDek(dek, context, kek, shredKey) };
  } finally {
    wipe(dek);
  }
}

/**
 * Opens a value. The caller wipes the result after use.
 * @param context where the row lies, from the row that holds it, never from the envelope
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function openRecord(
  envelope: RecordEnvelope,
  context: RecordContext,
  kek: KeyEncryptionKey,
  shredKey: Uint8Array,
): Uint8Array {
  assertValueLength(envelope.ciphertext.length - SP800_38D_TAG_BYTES);
  const dek = unwrapDek(envelope, context, kek, shredKey);
  try {
    return openGcm(dek, envelope, dataAssociated(context));
  } finally {
    wipe(dek);
  }
}

/**
 * Wraps the data key under another version of the subject key. The value itself is neither opened nor changed.
 * @throws KuramoriError INTEGRITY_FAILURE when the envelope is not of `from`, or was altered
 */
export function rewrapRecord(
  envelope: RecordEnvelope,
  context: RecordContext,
  from: KeyEncryptionKey,
  to: KeyEncryptionKey,
  shredKey: Uint8Array,
): RecordEnvelope {
  const dek = unwrapDek(envelope, context, from, shredKey);
  try {
    const { nonce, ciphertext } = envelope;
    return { nonce, ciphertext, ...wrapDek(dek, context, to, shredKey) };
  } finally {
    wipe(dek);
  }
}

/**
 * Shows that the data key can be unwrapped, without opening the value: the check of a rewrap and of its dry run
 * (handbook 14 §3).
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function assertWrap(
  envelope: RecordEnvelope,
  context: RecordContext,
  kek: KeyEncryptionKey,
  shredKey: Uint8Array,
): void {
  wipe(unwrapDek(envelope, context, kek, shredKey));
}

type Wrap = Pick<RecordEnvelope, 'kekVersion' | 'keyId' | 'wrapNonce' | 'wrappedDek'>;

function wrapDek(dek: Uint8Array, context: RecordContext, kek: KeyEncryptionKey, shredKey: Uint8Array): Wrap {
  const { nonce, ciphertext } = withWrapKey(kek, shredKey, (key) =>
    sealGcm(key, dek, wrapAssociated(context, kek)),
  );
  return { kekVersion: kek.kekVersion, keyId: kek.keyId, wrapNonce: nonce, wrappedDek: ciphertext };
}

function unwrapDek(
  envelope: RecordEnvelope,
  context: RecordContext,
  kek: KeyEncryptionKey,
  shredKey: Uint8Array,
): Uint8Array {
  if (envelope.keyId !== kek.keyId || envelope.kekVersion !== kek.kekVersion) throw integrityFailure();
  const wrapped: Sealed = { nonce: envelope.wrapNonce, ciphertext: envelope.wrappedDek };
  return withWrapKey(kek, shredKey, (key) => openGcm(key, wrapped, wrapAssociated(context, kek)));
}

function withWrapKey<Result>(
  kek: KeyEncryptionKey,
  shredKey: Uint8Array,
  use: (key: Uint8Array) => Result,
): Result {
  assertKey(shredKey);
  const key = deriveKey(kek.key, shredKey, 'dekWrap');
  try {
    return use(key);
  } finally {
    wipe(key);
  }
}

function assertValueLength(bytes: number): void {
  if (bytes < 1 || bytes > RECORD_VALUE_BYTES_MAX) throw integrityFailure();
}
