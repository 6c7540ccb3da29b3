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
