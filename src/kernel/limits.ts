/**
 * Every limit of the system, in one place, each with its unit in the name. Handbook 15 §3, §7.
 * A limit that a municipality may tighten is also a setting; none may be loosened past these.
 */

// Limits of the worker, beside this file only because no file may be longer.
export * from './limits.worker.js';

// One GraphQL request (handbook 15 §7)
export const BODY_BYTES_MAX = 96 * 1024;
export const DOCUMENT_BYTES_MAX = 16 * 1024;
export const VARIABLES_BYTES_MAX = 64 * 1024;
export const TOKENS_MAX = 1_000;
export const DEPTH_MAX = 8;
export const ALIASES_MAX = 15;
export const ROOT_FIELDS_MAX = 5;
export const DIRECTIVES_MAX = 10;
export const FRAGMENTS_MAX = 20;
export const COST_MAX = 1_000;
export const LIST_COST = 10;
export const PAGE_SIZE_MAX = 100;
export const PAGE_SIZE_DEFAULT = 20;
export const HEADER_CHARS_MAX = 200;
/** Longer names could not be kept in the audit log. */
export const OPERATION_NAME_CHARS_MAX = 200;

// Audit (handbook 11 §4.2)
export const AUDIT_APPEND_MS_MAX = 2_000;
export const AUDIT_BATCH_RECORDS_MAX = 512;
export const AUDIT_QUEUE_RECORDS_MAX = 20_000;
export const AUDIT_PAGE_SIZE_MAX = 200;
/** After this a flush that does not answer is left to itself, and the next goes over another connection. */
export const AUDIT_FLUSH_MS_MAX = 4_000;
/** Batches that have committed and wait for the disk. */
export const AUDIT_UNFLUSHED_BATCHES_MAX = 8;
export const AUDIT_BATCH_BYTES_MAX = 8 * 1024 * 1024;
export const AUDIT_QUEUE_BYTES_MAX = 256 * 1024 * 1024;
export const AUDIT_BODY_BYTES_MAX = 4 * 1024 * 1024;
export const AUDIT_ENTRIES_MAX = 2_000;
export const AUDIT_SUBJECTS_MAX = 20_000;
export const AUDIT_ROLES_MAX = 50;
export const AUDIT_TEXT_CHARS_MAX = 256;
/** Coordinates in the lists that a process remembers; then all are forgotten. */
export const AUDIT_COORDINATES_REMEMBERED_MAX = 200_000;
/** Partitions are made when fewer record numbers than this are left without one. */
export const AUDIT_PARTITION_MARGIN_RECORDS = 5_000_000n;
/** Narrow rows one round of a search looks at, and rounds of one page: a page ends, full or not. */
export const AUDIT_SCAN_RECORDS_MAX = 5_000;
export const AUDIT_SEARCH_ROUNDS_MAX = 8;
/** Shapes a search by coordinate looks up one by one; above it, records are filtered instead. */
export const AUDIT_SHAPES_PROBED_MAX = 100;

// Documents known to be valid, by their text
export const KNOWN_DOCUMENTS_MAX = 2_000;
/** Of text; a parsed document takes some fifty times its text. */
export const KNOWN_DOCUMENTS_BYTES_MAX = 2 * 1024 * 1024;

/** Values of the header `accept` whose media type is remembered. */
export const ACCEPT_HEADERS_KNOWN_MAX = 50;

// Plans
export const PLAN_CACHE_ENTRIES_MAX = 2_000;
/** Of SQL, over all plans kept. */
export const PLAN_CACHE_CHARS_MAX = 16 * 1024 * 1024;
/** Requests that one statement reads for, and such statements of one plan under way at once. */
export const GATHERED_READS_MAX = 16;
export const GATHERED_UNDER_WAY_MAX = 2;
/** A plan that the database expects to cost more is run for each by itself; 1,000 units take about a millisecond. */
export const GATHERED_COST_MAX = 1_000;

// Database
export const POOL_CONNECTIONS_MAX = 20;
export const STATEMENT_MS_MAX = 6_000;
/** How long the client waits past the server's own limit. */
export const STATEMENT_GRACE_MS = 1_000;
export const LOCK_WAIT_MS_MAX = 3_000;
/** Texts of the query builder that a connection keeps prepared; what comes after is planned each time. */
export const ORM_STATEMENTS_PREPARED_MAX = 300;
/** A transaction waits so long for a connection when all are busy. */
export const TRANSACTION_WAIT_MS_MAX = 10_000;
export const CONNECT_SECONDS_MAX = 5;

// HTTP
export const HEADERS_MS_MAX = 10_000;
/** A connection without traffic, longer than any answer takes. */
export const IDLE_CONNECTION_MS_MAX = 30_000;
export const DRAIN_MS_MAX = 10_000;
/** Between two clean-ups of what has expired. */
export const HOUSEKEEPING_MS = 3_600_000;

// Sign-in and sessions (handbook 15 §3, §4, §10)
export const SIGN_IN_BODY_BYTES_MAX = 16 * 1024;
export const TOKEN_BYTES_MAX = 8 * 1024;
export const ACCESS_TOKEN_SECONDS = 300;
export const ACCESS_TOKEN_SECONDS_MAX = 600;
export const CLOCK_DIFFERENCE_SECONDS_MAX = 5;
export const CLIENT_ASSERTION_SECONDS_MAX = 60;
export const VERIFIED_TOKENS_MAX = 2_000;
export const SESSION_IDLE_MINUTES = 15;
export const SESSION_IDLE_MINUTES_MAX = 15;
export const SESSION_ABSOLUTE_MINUTES = 8 * 60;
export const SESSION_ABSOLUTE_MINUTES_MAX = 12 * 60;
export const SESSION_STATE_CACHE_MS_MAX = 1_000;
export const SESSION_STATES_MAX = 5_000;
export const SESSION_TOUCH_MS = 15_000;
export const REFRESH_RACE_MS_MAX = 5_000;
export const STEP_UP_SECONDS = 300;
export const LOCKOUT_SHORT_FAILURES_MAX = 5;
export const LOCKOUT_SHORT_MS = 15 * 60_000;
export const LOCKOUT_DAY_FAILURES_MAX = 10;
export const LOCKOUT_DAY_MS = 24 * 60 * 60_000;
export const LOCKOUT_CONSECUTIVE_FAILURES_MAX = 100;
export const LOCKOUT_TRIES_READ_MAX = 300;
export const PASSWORD_CHARS_MIN = 8;
export const PASSWORD_CHARS_MAX = 256;
export const PASSWORD_QUEUE_CONCURRENT_MAX = 2;
export const PASSWORD_QUEUE_WAITING_MAX = 32;
export const ENROLMENT_HOURS_MAX = 7 * 24;
/** A refused sign-in is answered no earlier than this, whatever the reason. */
export const SIGN_IN_REFUSAL_MS = 500;
export const SIGN_IN_ADDRESS_BURST_MAX = 60;
export const SIGN_IN_ADDRESS_PER_SECOND_MAX = 1;
export const SIGN_IN_ADDRESSES_MAX = 10_000;
export const REFUSAL_ENTRIES_PER_MINUTE_MAX = 10;
export const OIDC_REQUEST_SECONDS_MAX = 600;
export const OIDC_HTTP_SECONDS_MAX = 5;
export const HANDOVER_DAYS_MAX = 14;

// Files in (handbook 21 §3)
export const FILE_BYTES_MAX = 1024 ** 3;
export const FILE_CHUNK_BYTES = 1024 * 1024;
/** The result of a bulk registration, loaded into the records: lines of one statement, and bytes no line reaches. */
export const NUMBER_REFERENCES_CHUNK_MAX = 2_000;
export const NUMBER_RESULT_LINE_BYTES_MAX = 128;
export const CSV_LINE_BYTES_MAX = 64 * 1024;
export const LAYOUT_RECORD_BYTES_MAX = 4_096;
export const LAYOUT_UNIQUE_KEYS_MAX = 2_000_000;
export const EXPRESSION_STEPS_MAX = 200;
export const FILE_FAULTS_REPORTED_MAX = 100;
export const SET_ASIDE_RECORDS_MAX = 10_000;

// Fiscal years (会計年度), as filters take them
export const FISCAL_YEAR_MIN = 1;
export const FISCAL_YEAR_MAX = 9_999;

// Receipts, entered or loaded: what lies outside was typed wrong
export const RECEIPT_YEN_MAX = 100_000_000_000n;
export const RECEIPT_DAY_MIN = '2000-01-01';

// Ledger verification
export const LEDGER_DIFFERENCES_LISTED_MAX = 1_000;

// Demonstration municipality
export const DEMONSTRATION_PEOPLE_MAX = 2_000_000;
export const DEMONSTRATION_ROWS_PER_BATCH_MAX = 60_000;

// Texts that staff enter, in characters as people count them (handbook 06 §4)
export const REASON_CHARS_MAX = 1_000;
export const CONTACT_COUNTERPART_CHARS_MAX = 100;
export const CONTACT_SUMMARY_CHARS_MAX = 4_000;
export const BANK_CODE_CHARS_MAX = 40;
export const STAFF_NAME_CHARS_MAX = 100;
/** A clock of a terminal may be ahead of ours by this when it dates a contact. */
export const CONTACT_AHEAD_MS_MAX = 5 * 60_000;

// Client: what terminals sign, seal and open (handbook 15 §5)
export const OPERATION_ASSERTION_SECONDS = 60;
export const OPERATION_CLAIM_CHARS_MAX = 200;
export const OPERATION_REFS_MAX = 20_000;
export const OPERATION_APPROVALS_MAX = 10;
export const OPERATION_BODY_BYTES_MAX = 1024 * 1024;
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

// Vault: the end of tasks and the nightly list of candidates for erasure (handbook 11 §4.4, §6)
/** Hour of the day in Japan from which the list of the day is made, and how often it is looked whether it is time. */
export const RETENTION_RUN_HOUR = 2;
export const RETENTION_CHECK_MS = 10 * 60_000;
/** Candidates of one list; what is over comes into a later list, when those before are erased. */
export const RETENTION_CANDIDATES_MAX = 100_000;
/** Lists that are kept, the newest of them; of older ones count and digest stay. */
export const RETENTION_LISTS_KEPT = 7;
export const RETENTION_RUNS_LISTED_MAX = 100;

// Vault: the log, read at its host
/** Subjects named of one entry: an erasure has thousands. */
export const VAULT_LOG_SUBJECTS_SHOWN_MAX = 50;

// Certificates that are renewed while a process runs
/** How often key, certificate and authority are looked at; what is found the same twice is taken. */
export const TLS_FILES_CHECK_MS = 10_000;

// Vault: pushes to the intermediary server and refund accounts (handbook 12 §4, §7)
/** A push is given up when it could not be sent by then; the default, and what nobody may ask past. */
export const PUSH_DEADLINE_MS = 24 * 60 * 60_000;
export const PUSH_DEADLINE_MS_MAX = 7 * 24 * 60 * 60_000;
/** Times that a message is sent, and pauses between them in minutes; the last one holds for all that follow. */
export const PUSH_ATTEMPTS_MAX = 8;
export const PUSH_RETRY_MINUTES: readonly number[] = [1, 2, 4, 8, 15];
/** Changes of pushes in one answer. */
export const PUSH_CHANGES_MAX = 500;
/** Name of an account's holder, in characters. */
export const HOLDER_KANA_CHARS_MAX = 100;
/** The other side is asked again about a message it has not decided, at pauses of the same minutes; so long at most. */
export const PUSH_UNRESOLVED_MS_MAX = 14 * 24 * 60 * 60_000;
/** Pushes that are worked on at once, and how often the vault looks whether one is due. */
export const PUSHES_UNDER_WAY_MAX = 8;
export const PUSH_LOOK_MS = 1_000;
/** A push that met a failure of ours rests for so long. */
export const PUSH_FAULT_PAUSE_MS = 10_000;
/** Clocks of the two sides may differ by this before a message that is out of its time is taken for refused. */
export const PUSH_CLOCK_MARGIN_MS = 60_000;
/** Requests, envelopes, receipts and accounts lie in the spool for so many days. */
export const SPOOL_DAYS = 30;
/** An account that was taken for a payment waits at most so long for its confirmation. */
export const REFUND_PAYMENT_DAYS_MAX = 180;
/** 情報提供等記録 are kept through this anniversary (番号法施行令 29条). */
export const INFO_PROVISION_YEARS = 7;
/** Signing keys of the intermediary server that are remembered: a former one stays known. */
export const INTERMEDIARY_SERVER_KEYS_MAX = 64;
/** Of the answer of the intermediary server to one message of ours. */
export const INTERMEDIARY_ANSWER_BYTES_MAX = 1024 * 1024;

// Vault: who may do what (handbook 14 §3, 15 §3, §5, §6)
export const OPERATION_ASSERTION_SECONDS_MAX = 120;
/** After the end of an assertion, so long its use is remembered. */
export const USED_ASSERTION_KEPT_MS = 24 * 60 * 60_000;
/** Rows that one clean-up removes. */
export const VAULT_PURGED_ROWS_MAX = 10_000;
export const ASSERTION_CREDENTIAL_DAYS_MAX = 90;
/** Of a secret of one-time codes; HMAC folds longer ones. */
export const TOTP_SECRET_BYTES_MAX = 64;
export const TRAINING_DAYS_MAX = 366;
export const GRANT_MONTHS_MAX = 12;
/** From the first day of a quarter, which is day 0. */
export const RECERTIFICATION_DAYS_MAX = 14;
export const GRANT_UNUSED_LISTED_DAYS = 90;
export const GRANT_UNUSED_DAYS_MAX = 180;
/** Subjects that a person or a unit may see or look for; the defaults, and what no configuration goes past. */
export const REVEALS_PERSON_HOUR = 20;
export const REVEALS_PERSON_HOUR_MAX = 100;
export const REVEALS_PERSON_DAY = 60;
export const REVEALS_PERSON_DAY_MAX = 300;
export const REVEALS_UNIT_DAY = 200;
export const REVEALS_UNIT_DAY_MAX = 1_000;
export const LOOKUPS_PERSON_HOUR = 60;
export const LOOKUPS_PERSON_HOUR_MAX = 300;
export const BUDGET_HOUR_MS = 60 * 60_000;
/** When capacity returns is told no finer than this. */
export const BUDGET_RETURN_STEP_MS = 5 * 60_000;
/** Uses are kept so long that every window can be counted, also over a change of the day. */
export const BUDGET_KEPT_MS = 48 * 60 * 60_000;
/** Refused reveals and lookups of a person within an hour: the last of them suspends the person's grants. */
export const REFUSALS_PERSON_HOUR_MAX = 30;
export const REFUSALS_PERSON_HOUR_RAISED = 5;
/** Assertions of a service under keys that are not in force: from this one of a minute on each is raised. */
export const UNKNOWN_KEYS_PER_MINUTE_RAISED = 5;

// Transfer packages (移管データ, handbook 13)
/** Of a text in a cell, in UTF-16 code units: a contact's summary with room to spare. */
export const CSV_CELL_CHARS_MAX = 8_000;
/** Of CSV that is handed on at once. */
export const CSV_CHUNK_BYTES = 64 * 1024;
/** Of a line of the file of individual numbers: two codes of 20 characters, twelve digits. */
export const INDIVIDUAL_NUMBER_LINE_BYTES_MAX = 64;
export const TRANSFER_CASES_MAX = 20_000;
export const TRANSFER_LINES_PER_CASE_MAX = 9_999;
/** Rows of one file, lines of the ledger included. */
export const TRANSFER_ROWS_MAX = 5_000_000;
export const TRANSFER_FILES_MAX = 2_000;
export const TRANSFER_FILE_NAME_CHARS_MAX = 99;
export const TRANSFER_TEXT_CHARS_MAX = 200;
export const TRANSFER_RECIPIENT_KEYS_MAX = 8;
export const TRANSFER_BASES_MAX = 20;
export const TRANSFER_APPROVALS_MAX = 10;
/** Characters outside JIS X 0213 that are listed for the converter. */
export const TRANSFER_UNMAPPABLE_MAX = 2_000;
/** Of a manifest, of an outer record, of a receipt or message: what is read whole into memory. */
export const TRANSFER_MANIFEST_BYTES_MAX = 1024 * 1024;
export const TRANSFER_OUTER_BYTES_MAX = 16 * 1024;
export const TRANSFER_MESSAGE_CHARS_MAX = 4 * 1024 * 1024;
export const TRANSFER_PACKAGE_BYTES_MAX = 4_600_000_000;
/** Of the header of an age file, which is read whole before anything in it is trusted: some 200 for each recipient. */
export const AGE_HEADER_BYTES_MAX = 8 * 1024;
export const TRANSFER_DELTA_LINES_MAX = 10_000;

// The reference organization (滞納整理機構), which stands in for a real one
export const ORGANIZATION_CONNECTIONS_MAX = 32;
/** A package of a whole medium, over a slow line. */
export const ORGANIZATION_UPLOAD_MS_MAX = 30 * 60_000;
export const ORGANIZATION_SENDERS_MAX = 100;
/** Cases that a plan names. */
export const ORGANIZATION_PLAN_CASES_MAX = 1_000;
/** Of a key that it makes for itself (handbook 13 §5). */
export const ORGANIZATION_KEY_DAYS = 2 * 365;
export const ORGANIZATION_DELTAS_MAX = 100_000;

// Intermediary server (中間サーバー; handbook 12): what both sides hold to
/** Lines of one bulk inquiry (一括照会), and copies (副本) of one message. */
export const INTERMEDIARY_BATCH_LINES_MAX = 10_000;
export const INTERMEDIARY_COPIES_MAX = 1_000;
/** Of one message, as it goes over the wire: a full batch with every member at its longest. */
export const INTERMEDIARY_MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
export const INTERMEDIARY_ITEMS_MAX = 100;
export const INTERMEDIARY_ITEM_VALUE_CHARS_MAX = 1_000;
export const INTERMEDIARY_TEXT_CHARS_MAX = 200;
/** What a message says of its own time may differ by this from the receiver's clock, either way, inclusive. */
export const INTERMEDIARY_SENT_AT_MS_MAX = 300_000;
/** A permission (情報提供許可証) is good for so long, exclusive. */
export const INTERMEDIARY_PERMISSION_MS_MAX = 10 * 60_000;
/** An immediate inquiry (即時照会) is answered, or given up by who asked. */
export const INTERMEDIARY_INQUIRY_MS_MAX = 30_000;

// The reference intermediary server (handbook 12 §6)
export const INTERMEDIARY_CONNECTIONS_MAX = 128;
/** Messages that wait for those before them; they are handled one after another. */
export const INTERMEDIARY_WAITING_MESSAGES_MAX = 256;
/** Of one body's journal, and of its log; the server refuses to take on more. */
export const INTERMEDIARY_JOURNAL_BYTES_MAX = 512 * 1024 * 1024;
export const INTERMEDIARY_JOURNAL_LINE_BYTES_MAX = 64 * 1024 * 1024;
/** Bodies and services that may talk to the server. */
export const INTERMEDIARY_LINKAGES_MAX = 16;
export const INTERMEDIARY_SIGNING_KEYS_MAX = 8;
export const INTERMEDIARY_STAFF_MAX = 1_000;
/** A second factor is believed for so long: a bulk inquiry may wait for a recovery over a night. */
export const INTERMEDIARY_STEP_UP_MS_MAX = 24 * 60 * 60_000;
/** Results are kept for so long (handbook 12 §4), exclusive. */
export const INTERMEDIARY_RESULT_DAYS = 30;
/** 情報提供等記録 are kept through this anniversary (番号法施行令 art. 29; handbook 11 §4.3). */
export const INTERMEDIARY_RECORD_YEARS = 7;
/** A person of the provider has so long to decide, exclusive; then the provision is refused. */
export const INTERMEDIARY_PROVISION_WAIT_MS_MAX = 7 * 24 * 60 * 60_000;
/** J-LIS and the minister take so long over a 符号. */
export const INTERMEDIARY_CODE_DELAY_MS = 60_000;
export const INTERMEDIARY_PAGE_SIZE_MAX = 500;
/** Numbers of queries are remembered for the whole of their window. */
export const INTERMEDIARY_NONCES_MAX = 10_000;
export const INTERMEDIARY_FAULTS_MAX = 1_000;
export const INTERMEDIARY_FAULT_MS_MAX = 10_000;

// Evidence for the audit officer (handbook 11 §4–8)
/** Days of one period, both ends included. */
export const EVIDENCE_DAYS_MAX = 31;
/** Lines of one part; a PDF of so many is made in under a second. */
export const EVIDENCE_LINES_MAX = 500;
/** Of the CSV of one part; it ends at the line before. */
export const EVIDENCE_PART_BYTES_MAX = 768 * 1024;
/** Of one document: as base64 it fits the vault's answer. */
export const EVIDENCE_DOCUMENT_BYTES_MAX = 1280 * 1024;
/** Records of the log that one round looks at, and rounds of one part: a part ends, full or not. */
export const EVIDENCE_SCAN_RECORDS_MAX = 500;
export const EVIDENCE_ROUNDS_MAX = 40;
/** Subjects named in one line; more are counted. */
export const EVIDENCE_SUBJECTS_MAX = 20;
/** Of one cell; a spreadsheet program takes 32,767. */
export const EVIDENCE_CELL_CHARS_MAX = 2_000;
/** Lines laid out before the other work of the process has its turn. */
export const EVIDENCE_TURN_LINES = 25;
/** Of a signature with its certificate, DER. */
export const EVIDENCE_SIGNATURE_BYTES_MAX = 4_096;
/** A certificate of documents verifies for so long: longer than what it signed has to be kept. */
export const EVIDENCE_CERTIFICATE_YEARS = 10;
/** One text of an incident or of a processor, in characters as people count them. */
export const EVIDENCE_TEXT_CHARS_MAX = 1_000;
/** Staff, places or devices of one processor. */
export const PROCESSOR_LIST_MAX = 200;
export const PROCESSOR_AUDIT_MONTHS_MAX = 12;
/** Days after an incident became known, that day being the first (handbook 11 §8). */
export const INCIDENT_ALARM_DAYS = 3;
export const INCIDENT_QUICK_DAYS = 5;
export const INCIDENT_FINAL_DAYS = 30;
export const INCIDENT_FINAL_MALICIOUS_DAYS = 60;
/** Incidents that one list shows. */
export const INCIDENTS_LISTED_MAX = 1_000;

// Vault: transfers to the collection organization (handbook 13)
export * from './transferLimits.js';
