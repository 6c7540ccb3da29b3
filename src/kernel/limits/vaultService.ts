import { OPERATION_BODY_BYTES_MAX } from './client.js';

// Vault: the service (handbook 15 §7, §8.2, §9, §10)
/** A call from the gateway to the vault, from the first byte out to the last one in. */
export const VAULT_CALL_MS_MAX = 5_000;
/** An operation's body with its assertion around it. */
export const VAULT_REQUEST_BYTES_MAX = OPERATION_BODY_BYTES_MAX + 16 * 1024;
export const VAULT_ANSWER_BYTES_MAX = 2 * 1024 * 1024;
export const VAULT_HANDSHAKE_MS_MAX = 3_000;
/** From the first byte of a request to its last: a slow sender holds a place of others. */
export const VAULT_REQUEST_MS_MAX = 5_000;
export const VAULT_REQUEST_CHECK_MS = 500;
export const VAULT_CONNECTIONS_MAX = 256;
export const VAULT_ADDRESS_CONNECTIONS_BURST_MAX = 200;
export const VAULT_ADDRESS_CONNECTIONS_PER_SECOND_MAX = 50;
export const VAULT_SERVICE_REQUESTS_BURST_MAX = 4_000;
export const VAULT_SERVICE_REQUESTS_PER_SECOND_MAX = 2_000;
export const VAULT_OPERATIONS_UNDER_WAY_MAX = 256;
/** Addresses that are counted; the one not seen for longest is forgotten first. */
export const VAULT_ADDRESSES_MAX = 10_000;
export const VAULT_HEADER_BYTES_MAX = 8 * 1024;
export const VAULT_REQUEST_ID_CHARS_MAX = 64;
/** Clients end an idle connection before the vault does, so that no request meets a connection that is closing. */
export const VAULT_IDLE_MS_MAX = 30_000;
export const VAULT_CLIENT_IDLE_MS_MAX = 10_000;
export const VAULT_CLIENT_CONNECTIONS_MAX = 32;
/** Calls that may wait for a connection of the client. */
export const VAULT_CLIENT_CALLS_MAX = 256;
export const VAULT_KEYS_CACHE_MS_MAX = 60_000;
/** Failures in a row after which the client stops asking, and for how long. */
export const VAULT_BREAKER_FAILURES_MAX = 5;
export const VAULT_BREAKER_OPEN_MS = 2_000;
export const VAULT_ADMIN_BODY_BYTES_MAX = 64 * 1024;
/** One step of an administrator's work; long work is done in steps. */
export const VAULT_ADMIN_CALL_MS_MAX = 120_000;
/** A file of bulk registration (一括登録): lines of one chunk and of the whole, and bytes that no line reaches. */
export const REGISTRATION_CHUNK_LINES_MAX = 2_000;
export const REGISTRATION_CHUNK_BYTES_MAX = 256 * 1024;
export const REGISTRATION_LINE_BYTES_MAX = 64;
export const REGISTRATION_LINES_MAX = 2_000_000;
/** Bulk registrations under way; one that nobody goes on with for so long is given up. */
export const REGISTRATION_JOBS_MAX = 4;
export const REGISTRATION_IDLE_MS_MAX = 10 * 60_000;
/** Numbers sealed before others have their turn. */
export const REGISTRATION_TURN_NUMBERS = 100;
/** Attempts at one batch while others register the same numbers. */
export const REGISTRATION_ATTEMPTS_MAX = 5;
/** The operating systems take 103 to 107. */
export const SOCKET_PATH_BYTES_MAX = 100;
export const VAULT_SERVICES_MAX = 32;
export const VAULT_SOURCES_MAX = 256;
/** Wall clock behind the last durable entry, and apart from the monotonic clock. */
export const CLOCK_BEHIND_LOG_MS_MAX = 1_000;
export const CLOCK_DIVERGENCE_MS_MAX = 30_000;
/** An approval may be used for so long after it was given, exclusive (handbook 15 §6.3). */
export const APPROVAL_MS_MAX = 24 * 60 * 60_000;
/** A request waits so long for its second person, exclusive: longer than the offices are closed at New Year. */
export const APPROVAL_WAIT_MS_MAX = 7 * 24 * 60 * 60_000;
/** Approvals of the same kind within this are searched for a ring. */
export const APPROVAL_RING_MS = 24 * 60 * 60_000;
/** Keys that an approver is shown of what he approves. */
export const APPROVAL_SAMPLE_MAX = 10;
/** Subjects of one erasure, one approval, one certificate. */
export const ERASURE_REFS_MAX = 5_000;
/** Of one line of the erasure journal's file: what can be digested, and its digest. */
export const ERASURE_JOURNAL_LINE_BYTES_MAX = OPERATION_BODY_BYTES_MAX + 1024;
export const ERASURE_CERTIFICATE_TEXT_CHARS_MAX = 200;
/** Backups of the shred keys are kept no longer than this (handbook 14 §3). */
export const SHRED_BACKUP_DAYS_MAX = 35;
export const RETENTION_PAGE_SIZE_MAX = 500;
export const RETENTION_YEARS_MAX = 100;

// Certificates that are renewed while a process runs
/** How often key, certificate and authority are looked at; what is found the same twice is taken. */
export const TLS_FILES_CHECK_MS = 10_000;
