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
