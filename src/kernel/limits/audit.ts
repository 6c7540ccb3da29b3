// Audit (handbook 11 §4.2)
export const AUDIT_APPEND_MS_MAX = 2_000;
export const AUDIT_BATCH_RECORDS_MAX = 512;
export const AUDIT_QUEUE_RECORDS_MAX = 20_000;
export const AUDIT_PAGE_SIZE_MAX = 200;
/** After this a flush that does not answer is left to itself, and the next goes over another connection. */
export const AUDIT_FLUSH_MS_MAX = 4_000;
/**
 * While a batch is on the disk within this, its own commit waits for it; above it batches commit ahead of the disk, so
 * that the numbers' lock is not held for as long.
 */
export const AUDIT_QUICK_COMMIT_MS = 20;
/** Batches that have committed and wait for the disk. */
export const AUDIT_UNFLUSHED_BATCHES_MAX = 8;
/** Of all records of a batch: what is made of one for searches is made in one statement. */
export const AUDIT_BATCH_BYTES_MAX = 8 * 1024 * 1024;
export const AUDIT_BATCH_ENTRIES_MAX = 100_000;
export const AUDIT_BATCH_SUBJECTS_MAX = 200_000;
export const AUDIT_QUEUE_BYTES_MAX = 256 * 1024 * 1024;
export const AUDIT_BODY_BYTES_MAX = 4 * 1024 * 1024;
export const AUDIT_ENTRIES_MAX = 2_000;
/** People that an entry, and that all entries of a record, may be about. */
export const AUDIT_SUBJECTS_MAX = 20_000;
export const AUDIT_RECORD_SUBJECTS_MAX = 100_000;
export const AUDIT_ROLES_MAX = 50;
export const AUDIT_TEXT_CHARS_MAX = 256;
/** Coordinates in the lists that a process remembers; then all are forgotten. */
export const AUDIT_COORDINATES_REMEMBERED_MAX = 200_000;
/** Milliseconds between two looks for records that searches do not see yet. */
export const AUDIT_INDEX_INTERVAL_MS = 250;
/** More records between two looks than this: the log is busy, and what searches read waits. */
export const AUDIT_BUSY_RECORDS = 100;
/** Records that may wait for a quiet time; a search enters as many first, in a few seconds. */
export const AUDIT_INDEX_BEHIND_RECORDS_MAX = 100_000n;
/** Records entered at once: by the way, and by a search, which somebody waits for. */
export const AUDIT_CATCH_UP_STEP_RECORDS = 100;
export const AUDIT_CATCH_UP_RECORDS = 2_000;
/** Partitions are made when fewer record numbers than this are left without one. */
export const AUDIT_PARTITION_MARGIN_RECORDS = 5_000_000n;
/** Narrow rows the first round of a search looks at, and how many times as many each later one, up to a bound. */
export const AUDIT_SCAN_RECORDS_FIRST = 200;
export const AUDIT_SCAN_GROWTH = 5;
export const AUDIT_SCAN_RECORDS_MAX = 5_000;
/** Rounds of one page: it ends, full or not. */
export const AUDIT_SEARCH_ROUNDS_MAX = 8;
/** Records whose bodies are held in memory at a time; a body may be large. */
export const AUDIT_BODIES_READ_MAX = 50;
/** Records that are read before the others where they are likely to be enough for a page. */
export const AUDIT_BODIES_READ_FIRST = 4;
/** Bytes of batches that one statement takes apart; a larger batch is taken apart alone. */
export const AUDIT_BODIES_READ_BYTES_MAX = 16 * 1024 * 1024;
/** Shapes a search by coordinate looks up one by one; above it, records are filtered instead. */
export const AUDIT_SHAPES_PROBED_MAX = 100;
