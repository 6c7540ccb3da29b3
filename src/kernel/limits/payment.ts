/** Limits of payment files to the bank (総合振込; handbook 12 §7, 20 §2). */

/** Data records of one file: one entry of the log names all whom it pays. */
export const PAYMENT_FILE_RECORDS_MAX = 2_000;
/** The trailer has twelve digits for the total. */
export const PAYMENT_FILE_TOTAL_YEN_MAX = 999_999_999_999n;
/** The file has no year: a day of payment is no further ahead. */
export const PAYMENT_DAYS_AHEAD_MAX = 60;
export const PAYMENT_FILES_LISTED_MAX = 100;
