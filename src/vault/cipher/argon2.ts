import { hashRaw } from '@node-rs/argon2';
import { AES256_KEY_BYTES } from './gcm.js';

/** Cost of argon2id (RFC 9106 §3.1). */
export interface Argon2Cost {
  /** Kibibytes. */
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106 §4, second recommended option, as handbook 14 §1 asks: 64 MiB, t=3, p=4. Memory may be raised. */
export const ARGON2_COST: Argon2Cost = { memoryKib: 64 * 1024, passes: 3, lanes: 4 };

export const ARGON2_SALT_BYTES = 16;

/** A key of 32 bytes from a passphrase; argon2id is the package's default kind. Runs on the thread pool. */
export async function argon2Key(
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<Uint8Array> {
  return hashRaw(passphrase, {
    salt,
    outputLen: AES256_KEY_BYTES,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.lanes,
  });
}
