import { z } from 'zod';

/** `typ` of the record that spool and package of a transfer are gone. */
export const TRANSFER_ERASURE_TYPE = 'transfer-erasure-record+jws';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What the record of an erasure says (消去記録; handbook 13 §7, SM-31). Manifest and log stay. */
export const transferErasureForm = z.strictObject({
  /** `vault:` and the municipality's code. */
  iss: z.string(),
  /** Seconds since the epoch. */
  iat: z.int(),
  packageId: z.string(),
  /** Cases that the transfer had. */
  cases: z.int().nonnegative(),
  /** Of the ciphertext that was removed; null when none was made. */
  ciphertextSha256: digest.nullable(),
  /** Files of spool whose keys were destroyed. */
  spoolFiles: z.int().nonnegative(),
  method: z.literal('cryptoErase'),
  reason: z.enum(['ERASE_BY', 'ABORTED', 'SEALED']),
});

export type TransferErasureClaims = Readonly<z.output<typeof transferErasureForm>>;
