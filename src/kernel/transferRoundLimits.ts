/** Limits of transfers to the collection organization in the records (滞納整理機構への移管, handbook 13). */

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
