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
/** People whose refused purposes are counted. */
export const WATCHED_PEOPLE_MAX = 10_000;
/** Assertions of a service under keys that are not in force: from this one of a minute on each is raised. */
export const UNKNOWN_KEYS_PER_MINUTE_RAISED = 5;
/** 人事情報: working days that may pass without its feed before it is an alarm, and before no grant is given (15 §6.2). */
export const PERSONNEL_FEED_ALARM_WORKING_DAYS = 3;
export const PERSONNEL_FEED_STOP_WORKING_DAYS = 5;
/** People of one feed; more come in another one of the same day. */
export const PERSONNEL_FEED_PEOPLE_MAX = 200;

// 緊急時利用 (handbook 15 §6.4): sealed credentials that are opened by two people
/** From the opening, which is its first moment. */
export const BREAK_GLASS_MS_MAX = 60 * 60_000;
/** Subjects that are shown under one opening. */
export const BREAK_GLASS_SUBJECTS_MAX = 5;
/** So long before the opening the second person has approved it: his step-up is fresh, and he is present. */
export const BREAK_GLASS_PRESENT_MS_MAX = 5 * 60_000;
/** Working days after that of the opening, within which it is reviewed. */
export const BREAK_GLASS_REVIEW_BUSINESS_DAYS = 2;
export const BREAK_GLASS_CODE_BYTES = 16;
/** Of a seal's number. */
export const BREAK_GLASS_NAME_CHARS_MAX = 64;
/** Openings that one look shows. */
export const BREAK_GLASS_LISTED_MAX = 100;
