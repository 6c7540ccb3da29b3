import { hashRaw } from '@node-rs/argon2';

/** Cost of argon2id (RFC 9106 §4). */
export interface Argon2Cost {
  /** Kibibytes. */
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106 §4, second recommended option, as handbook 15 §3 asks: 64 MiB, t=3, p=4. */
export const ARGON2_COST: Argon2Cost = { memoryKib: 64 * 1024, passes: 3, lanes: 4 };

export const ARGON2_SALT_BYTES = 16;
export const ARGON2_TAG_BYTES = 32;

/** The argon2id tag of a password, 32 bytes; argon2id is the package's default kind. Runs on the thread pool. */
export async function argon2id(password: string, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  return hashRaw(password, {
    salt,
    outputLen: ARGON2_TAG_BYTES,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.lanes,
  });
}
