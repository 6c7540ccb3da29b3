import { randomBytes } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import {
  PASSPHRASE_BYTES_MAX,
  PASSPHRASE_BYTES_MIN,
  PASSPHRASE_LANES_MAX,
  PASSPHRASE_MEMORY_KIB_MAX,
  PASSPHRASE_PASSES_MAX,
} from '../../kernel/limits.js';
import { ARGON2_COST, ARGON2_SALT_BYTES, argon2Key, type Argon2Cost } from './argon2.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { AES256_KEY_BYTES, assertKey, openGcm, sealGcm, SP800_38D_TAG_BYTES, type Sealed } from './gcm.js';
import { integrityFailure } from './integrity.js';
import { wipe } from './wipe.js';

/**
 * The root key under a passphrase. Salt and cost are kept beside it and bound to it, so that a later sealing can cost
 * more while this one still opens.
 */
export interface PassphraseSealed extends Sealed, Argon2Cost {
  /** Form of the sealing: 1, argon2id and AES-256-GCM. */
  readonly v: number;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

/** Form of the sealing. Another form is another number. */
export const PASSPHRASE_VERSION = 1;

/**
 * Seals the root key under a passphrase, with a fresh salt.
 * @param rootKey 32 bytes; wiping it stays with the caller
 * @param passphrase UTF-8, PASSPHRASE_BYTES_MIN to PASSPHRASE_BYTES_MAX; wiping it stays with the caller
 * @param cost no less than ARGON2_COST
 * @throws KuramoriError BAD_INPUT when the passphrase is too short or too long;
 *   CONFIGURATION_INVALID when the cost is below ARGON2_COST or over its limits; INTEGRITY_FAILURE when the root key
 *   is not usable
 */
export async function sealWithPassphrase(
  rootKey: Uint8Array,
  passphrase: Uint8Array,
  cost: Argon2Cost = ARGON2_COST,
): Promise<PassphraseSealed> {
  assertKey(rootKey);
  assertPassphrase(passphrase);
  if (!isAcceptable(cost)) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The cost of the passphrase is out of its limits. Take at least 64 MiB, 3 passes and 4 lanes.',
    );
  }
  const { memoryKib, passes, lanes } = cost;
  const form = { v: PASSPHRASE_VERSION, memoryKib, passes, lanes, salt: randomBytes(ARGON2_SALT_BYTES) };
  const key = await argon2Key(passphrase, form.salt, cost);
  try {
    return { ...form, ...sealGcm(key, rootKey, associated(form)) };
  } finally {
    wipe(key);
  }
}

/**
 * Opens the root key. A wrong passphrase and an altered sealing cannot be told apart.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export async function openWithPassphrase(
  sealed: PassphraseSealed,
  passphrase: Uint8Array,
): Promise<Uint8Array> {
  // What is stored is not believed: its cost could be chosen to fill the memory, its salt to be known.
  if (sealed.v !== PASSPHRASE_VERSION || sealed.salt.length !== ARGON2_SALT_BYTES) throw integrityFailure();
  if (sealed.ciphertext.length !== AES256_KEY_BYTES + SP800_38D_TAG_BYTES || !isAcceptable(sealed))
    throw integrityFailure();
  if (passphrase.length > PASSPHRASE_BYTES_MAX) throw integrityFailure();
  const key = await argon2Key(passphrase, sealed.salt, sealed);
  try {
    return openGcm(key, sealed, associated(sealed));
  } finally {
    wipe(key);
  }
}

function associated({ v, memoryKib, passes, lanes, salt }: Omit<PassphraseSealed, keyof Sealed>): Uint8Array {
  return canonicalBytes({
    v,
    kdf: 'argon2id',
    memoryKib,
    passes,
    lanes,
    salt: Buffer.from(salt).toString('base64url'),
  });
}

function isAcceptable({ memoryKib, passes, lanes }: Argon2Cost): boolean {
  return (
    isBetween(memoryKib, ARGON2_COST.memoryKib, PASSPHRASE_MEMORY_KIB_MAX) &&
    isBetween(passes, ARGON2_COST.passes, PASSPHRASE_PASSES_MAX) &&
    isBetween(lanes, ARGON2_COST.lanes, PASSPHRASE_LANES_MAX)
  );
}

function isBetween(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

function assertPassphrase(passphrase: Uint8Array): void {
  if (passphrase.length < PASSPHRASE_BYTES_MIN || passphrase.length > PASSPHRASE_BYTES_MAX) {
    throw new KuramoriError(
      'BAD_INPUT',
      `The passphrase must have ${PASSPHRASE_BYTES_MIN} to ${PASSPHRASE_BYTES_MAX} bytes of UTF-8. Choose another.`,
    );
  }
}
