// Client: what terminals sign, seal and open (handbook 15 §5)
export const OPERATION_ASSERTION_SECONDS = 60;
export const OPERATION_CLAIM_CHARS_MAX = 200;
export const OPERATION_REFS_MAX = 20_000;
export const OPERATION_APPROVALS_MAX = 10;
/** A package of TRANSFER_CASES_MAX cases with the reference of each fits in. */
export const OPERATION_BODY_BYTES_MAX = 1536 * 1024;
export const OPERATION_BODY_DEPTH_MAX = 16;
/** Of a number or a code as typed; the vault refuses more than 32 itself (handbook 10 §4). */
export const SEALED_INPUT_CHARS_MAX = 64;
/** Of a number sealed to its reader, in the compact form: well under half of it. */
export const SEALED_NUMBER_CHARS_MAX = 2_048;
/** Of what the vault signs for clients, in the compact form. */
export const VAULT_SIGNED_CHARS_MAX = 8_192;
/** Public keys of the vault's class `certificate`: one in two years, kept for ever. */
export const ANCHOR_KEYS_MAX = 64;
/** Keys of the vault to which terminals may seal, in one list. */
export const INPUT_KEYS_PUBLISHED_MAX = 8;
/** For so long the vault vouches for a list of its input keys. */
export const INPUT_KEYS_SIGNED_SECONDS = 24 * 60 * 60;
/** A list of keys may be so much of a later time than the terminal's clock. */
export const INPUT_KEYS_EARLY_MS_MAX = 5 * 60_000;
