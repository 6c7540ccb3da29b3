/**
 * Every limit of the system, in one place, each with its unit in the name. Handbook 15 §3, §7.
 * A limit that a municipality may tighten is also a setting; none may be loosened past these.
 */

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
