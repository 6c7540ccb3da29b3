// Transfer packages (移管データ, handbook 13)
/** Of a text in a cell, in UTF-16 code units: a contact's summary with room to spare. */
export const CSV_CELL_CHARS_MAX = 8_000;
/** Of CSV that is handed on at once. */
export const CSV_CHUNK_BYTES = 64 * 1024;
/** Of a line of the file of individual numbers: two codes of 20 characters, twelve digits. */
export const INDIVIDUAL_NUMBER_LINE_BYTES_MAX = 64;
/** With the references of all its numbers a package is one operation, of OPERATION_BODY_BYTES_MAX. */
export const TRANSFER_CASES_MAX = 20_000;
export const TRANSFER_LINES_PER_CASE_MAX = 9_999;
/** Rows of one file, lines of the ledger included. */
export const TRANSFER_ROWS_MAX = 5_000_000;
export const TRANSFER_FILES_MAX = 2_000;
export const TRANSFER_FILE_NAME_CHARS_MAX = 99;
export const TRANSFER_TEXT_CHARS_MAX = 200;
export const TRANSFER_RECIPIENT_KEYS_MAX = 8;
/** Of an Ed25519 key, SPKI, PEM: it has some 120. */
export const TRANSFER_KEY_PEM_CHARS_MAX = 400;
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
/** Levy lines that one disposition of the organization covers. */
export const TRANSFER_CLAIMS_PER_DISPOSITION_MAX = 1_000;

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

/** Limits of transfers to the collection organization (移管; handbook 13) in the vault. */

/** Of codes, names of profiles and bases. */
export const TRANSFER_NAME_CHARS_MAX = 64;
export const TRANSFER_REASON_CHARS_MAX = 400;
/** Organizations seal results to one key of ours for so long. */
export const KEY_RESULT_SEAL_DAYS_MAX = 2 * 365;
/** Plaintext of one chunk of a file in the spool. */
export const SPOOL_CHUNK_BYTES = 64 * 1024;
/** One part of a file on its way in or out; within VAULT_REQUEST_MS_MAX even on a slow line. */
export const TRANSFER_PART_BYTES_MAX = 256 * 1024;
/** A call about a transfer: completing a draft reads all of it. */
export const TRANSFER_CALL_MS_MAX = 120_000;
/** Files that come in at once; one that nobody goes on with for so long is given up. */
export const TRANSFER_UPLOADS_MAX = 32;
export const TRANSFER_UPLOAD_IDLE_MS_MAX = 10 * 60_000;
/** More cases than this need a second approver, the audit officer (handbook 13 §4). */
export const TRANSFER_CASES_ONE_APPROVER_MAX = 500;
/** A key of a recipient is valid no longer (handbook 13 §5). */
export const TRANSFER_KEY_YEARS_MAX = 2;
/** Default of `eraseBy`: days after acceptance (handbook 13 §7), and what no setting goes past. */
export const TRANSFER_ERASE_DAYS = 90;
export const TRANSFER_ERASE_DAYS_MAX = 365;
/** The acceptance receipt is due within so many business days of the delivery (handbook 13 §7). */
export const TRANSFER_ACCEPTANCE_BUSINESS_DAYS = 10;
/** Holidays by law that a setting names: of three years and more. */
export const TRANSFER_HOLIDAYS_MAX = 100;
/** Files that a contractor's converter makes of one draft, and how long it may take. */
export const TRANSFER_CONVERTED_FILES_MAX = 50;
export const TRANSFER_CONVERSION_MS_MAX = 10 * 60_000;
export const TRANSFER_CONVERTER_HEADER_BYTES_MAX = 4 * 1024;
/** Default of the seconds between two rounds of what transfers do by themselves, and the bounds of its setting. */
export const TRANSFER_ROUND_SECONDS = 30;
export const TRANSFER_ROUND_SECONDS_MIN = 10;
export const TRANSFER_ROUND_SECONDS_MAX = 3_600;
/** Between two requests to erase one package, by HTTPS. */
export const TRANSFER_ERASURE_ASK_MS = 24 * 60 * 60_000;
/** Packages whose erasure is asked for in one round. */
export const TRANSFER_ERASURES_ASKED_MAX = 20;
/** Without a byte from an organization. */
export const ORGANIZATION_CALL_MS_MAX = 60_000;
/** A whole call to an organization, however its bytes come: of TRANSFER_MESSAGE_CHARS_MAX at 0.3 Mbit/s. */
export const ORGANIZATION_ANSWER_MS_MAX = 2 * 60_000;
/**
 * A package on its way has ORGANIZATION_ANSWER_MS_MAX, and a second for each of so many bytes (8 Mbit/s): the largest
 * one 79 minutes. What is sent goes on in the next round from where it stopped, so that it passes a slower line, too.
 */
export const ORGANIZATION_BYTES_PER_SECOND_MIN = 1_000_000;
/** Everything that one step of a round asks an organization for; what is left is asked for in the next. */
export const ORGANIZATION_STEP_MS_MAX = 90 * 60_000;
/** Result packages in one list. */
export const TRANSFER_RESULTS_LISTED_MAX = 100;
/** A medium that is not back or destroyed after so long is raised (handbook 13 §6). */
export const CARRY_OPEN_MS_MAX = 3 * 24 * 60 * 60_000;

// In the records: rounds, the freeze, messages, results
/** Of the file that configures a round. */
export const TRANSFER_ROUND_FILE_BYTES_MAX = 64 * 1024;
export const TRANSFER_ROUND_SERIAL_MAX = 99;
export const TRANSFER_QUOTA_CASES_MAX = 5_000;
/** Open cases that a selection looks at. */
export const TRANSFER_CASES_EXAMINED_MAX = 200_000;
export const TRANSFER_ROUND_TAX_ITEMS_MAX = 50;
export const TRANSFER_ROUND_BASES_MAX = 20;
export const TRANSFER_ROUND_TEXT_CHARS_MAX = 200;
export const TRANSFER_OVERDUE_DAYS_MAX = 3_650;
/** Days that a final notice (最終催告) leaves to pay. */
export const TRANSFER_NOTICE_DAYS_MIN = 7;
export const TRANSFER_NOTICE_DAYS_MAX = 60;
/** A payment that came in is told to the organization within so many business days (handbook 13 §3). */
export const TRANSFER_FORWARD_BUSINESS_DAYS = 1;
/** Rows of a file of the snapshot that are read, or written, at once. */
export const TRANSFER_SNAPSHOT_PAGE_ROWS = 1_000;
/** Changes that one message (入金連絡) tells of. */
export const TRANSFER_DELTAS_PER_MESSAGE_MAX = 1_000;
/** Collections of one result package. */
export const TRANSFER_RESULT_ROWS_MAX = 200_000;
/** Differences that a reconciliation names; it counts them all. */
export const TRANSFER_DIFFERENCES_LISTED_MAX = 100;
