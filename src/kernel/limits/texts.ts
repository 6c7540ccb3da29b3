// Texts that staff enter, in characters as people count them (handbook 06 §4)
export const REASON_CHARS_MAX = 1_000;
export const CONTACT_COUNTERPART_CHARS_MAX = 100;
export const CONTACT_SUMMARY_CHARS_MAX = 4_000;
export const BANK_CODE_CHARS_MAX = 40;
export const STAFF_NAME_CHARS_MAX = 100;
/** A clock of a terminal may be ahead of ours by this when it dates a contact. */
export const CONTACT_AHEAD_MS_MAX = 5 * 60_000;
