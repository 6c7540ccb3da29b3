import { INPUT_KEYS_SIGNED_SECONDS } from './client.js';

// Vault (handbook 10 §4, 14)
/** Of a number as it comes in, in UTF-16 code units or bytes. */
export const NUMBER_CHARS_MAX = 32;
/** Of one sealed value of a record or of the spool. */
export const RECORD_VALUE_BYTES_MAX = 64 * 1024;
/** Of a managed key: 32 bytes, or a private key as PKCS #8. */
export const KEY_MATERIAL_BYTES_MAX = 1_024;
/** Of a compact JWE that comes in, and of what is sealed in one that goes out. */
export const SEALED_CHARS_MAX = 4_096;
export const SEALED_PAYLOAD_BYTES_MAX = 1_024;
export const PASSPHRASE_BYTES_MIN = 15;
export const PASSPHRASE_BYTES_MAX = 1_024;
/** What argon2id may cost at most: a sealed root key with more would stop the machine that opens it. */
export const PASSPHRASE_MEMORY_KIB_MAX = 2 * 1024 * 1024;
export const PASSPHRASE_PASSES_MAX = 16;
export const PASSPHRASE_LANES_MAX = 16;
/** Wraps under one key: half of what NIST SP 800-38D §8.3 allows with random nonces (handbook 14 §2). */
export const KEY_USES_MAX = 2 ** 31;
/** Uses are noted ahead of time, so many at once: a vault that is killed has counted too many, never too few. */
export const KEY_USES_STEP = 65_536;
/** Cryptoperiods from activation (handbook 14 §3): of sealing or signing, and of opening. */
export const KEY_SEAL_DAYS_MAX = 365;
export const KEY_OPEN_DAYS_MAX = 3 * 365;
export const KEY_INPUT_SEAL_DAYS_MAX = 365;
export const KEY_INPUT_OPEN_DAYS_MAX = 366;
export const KEY_CERTIFICATE_SEAL_DAYS_MAX = 2 * 365;
/** A key whose end is nearer than this is told of, and one with so many uses done. */
export const KEY_DUE_DAYS_BEFORE = 30;
export const KEY_USES_DUE = KEY_USES_MAX * 0.8;
/** Rows and shred keys that are in memory at once where many numbers are opened, one after the other. */
export const NUMBERS_READ_AT_ONCE_MAX = 500;
export const ROTATION_BATCH_RECORDS_MAX = 500;
/** Records whose key does not open, named in the report of a dry run. */
export const ROTATION_FAULTS_LISTED_MAX = 100;
/** Where the last batch of a dry run ended, as the command line gives it back. */
export const KEY_CURSOR_CHARS_MAX = 64;
/** What was sealed to the last input key still opens for so long: until no list that vouches for it is in force. */
export const INPUT_KEY_OVERLAP_MS = INPUT_KEYS_SIGNED_SECONDS * 1_000;
/** After a failed opening of the vault, doubled with each one that follows. */
export const SEAL_PAUSE_MS = 1_000;
export const SEAL_PAUSE_MS_MAX = 30_000;

// Vault: the end of tasks and the nightly list of candidates for erasure (handbook 11 §4.4, §6)
/** Hour of the day in Japan from which the list of the day is made, and how often it is looked whether it is time. */
export const RETENTION_RUN_HOUR = 2;
export const RETENTION_CHECK_MS = 10 * 60_000;
/** Candidates of one list; what is over comes into a later list, when those before are erased. */
export const RETENTION_CANDIDATES_MAX = 100_000;
/** Lists that are kept, the newest of them; of older ones count and digest stay. */
export const RETENTION_LISTS_KEPT = 7;
export const RETENTION_RUNS_LISTED_MAX = 100;

/** How often erasures are looked for that a failure stopped; one that began so long ago is surely not under way. */
export const ERASURE_RESUME_CHECK_MS = 60_000;
export const ERASURE_RESUME_AFTER_MS = 120_000;

// Vault: the log, read at its host
/** Subjects named of one entry: an erasure has thousands. */
export const VAULT_LOG_SUBJECTS_SHOWN_MAX = 50;
