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
