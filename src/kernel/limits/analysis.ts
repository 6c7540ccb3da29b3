// Analysis of the vault's log (handbook 11 §5)
/** Days of an occasional run, both ends included. */
export const ANALYSIS_DAYS_MAX = 31;
/** Entries of the log that one run keeps in memory, each with the subjects that it names. */
export const ANALYSIS_FACTS_MAX = 200_000;
/** One run; less than an administrator's call may last. */
export const ANALYSIS_MS_MAX = 90_000;
/** Decided requests for approval that one run looks at. */
export const ANALYSIS_APPROVALS_MAX = 20_000;
/** Hits of one rule that are kept; more are counted. All of a run are one part of an evidence. */
export const ANALYSIS_HITS_MAX = 40;
/** Of what one hit names: references, entries of the log. */
export const ANALYSIS_NAMED_MAX = 10;
/** Of the canonical text of a run. */
export const ANALYSIS_TEXT_BYTES_MAX = 1024 * 1024;
/** A period is to be analysed so many days after its end, and a run to be reviewed so many days after it was made. */
export const ANALYSIS_MADE_DAYS_MAX = 14;
export const ANALYSIS_REVIEW_DAYS_MAX = 14;
/** Runs that one list shows. */
export const ANALYSIS_LISTED_MAX = 100;
/** 注視対象: entries that one list shows, and that one run looks for. */
export const WATCH_ENTRIES_MAX = 5_000;
