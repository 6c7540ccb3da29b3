// Intermediary server (中間サーバー; handbook 12): what both sides hold to
/** Lines of one bulk inquiry (一括照会), and copies (副本) of one message. */
export const INTERMEDIARY_BATCH_LINES_MAX = 10_000;
export const INTERMEDIARY_COPIES_MAX = 1_000;
/** Of one message, as it goes over the wire: a full batch with every member at its longest. */
export const INTERMEDIARY_MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
export const INTERMEDIARY_ITEMS_MAX = 100;
export const INTERMEDIARY_ITEM_VALUE_CHARS_MAX = 1_000;
export const INTERMEDIARY_TEXT_CHARS_MAX = 200;
/** What a message says of its own time may differ by this from the receiver's clock, either way, inclusive. */
export const INTERMEDIARY_SENT_AT_MS_MAX = 300_000;
/** A permission (情報提供許可証) is good for so long, exclusive. */
export const INTERMEDIARY_PERMISSION_MS_MAX = 10 * 60_000;
/** An immediate inquiry (即時照会) is answered, or given up by who asked. */
export const INTERMEDIARY_INQUIRY_MS_MAX = 30_000;

// The reference intermediary server (handbook 12 §6)
export const INTERMEDIARY_CONNECTIONS_MAX = 128;
/** Messages that wait for those before them; they are handled one after another. */
export const INTERMEDIARY_WAITING_MESSAGES_MAX = 256;
/** Of one body's journal, and of its log; the server refuses to take on more. */
export const INTERMEDIARY_JOURNAL_BYTES_MAX = 512 * 1024 * 1024;
export const INTERMEDIARY_JOURNAL_LINE_BYTES_MAX = 64 * 1024 * 1024;
/** Bodies and services that may talk to the server. */
export const INTERMEDIARY_LINKAGES_MAX = 16;
export const INTERMEDIARY_SIGNING_KEYS_MAX = 8;
export const INTERMEDIARY_STAFF_MAX = 1_000;
/** People of a demonstration whom the server is told of. */
export const INTERMEDIARY_DEMONSTRATION_PEOPLE_MAX = 1_000;
/** A second factor is believed for so long: a bulk inquiry may wait for a recovery over a night. */
export const INTERMEDIARY_STEP_UP_MS_MAX = 24 * 60 * 60_000;
/** Results are kept for so long (handbook 12 §4), exclusive. */
export const INTERMEDIARY_RESULT_DAYS = 30;
/** 情報提供等記録 are kept through this anniversary (番号法施行令 art. 29; handbook 11 §4.3). */
export const INTERMEDIARY_RECORD_YEARS = 7;
/** A person of the provider has so long to decide, exclusive; then the provision is refused. */
export const INTERMEDIARY_PROVISION_WAIT_MS_MAX = 7 * 24 * 60 * 60_000;
/** J-LIS and the minister take so long over a 符号. */
export const INTERMEDIARY_CODE_DELAY_MS = 60_000;
export const INTERMEDIARY_PAGE_SIZE_MAX = 500;
/** Numbers of queries are remembered for the whole of their window. */
export const INTERMEDIARY_NONCES_MAX = 10_000;
export const INTERMEDIARY_FAULTS_MAX = 1_000;
export const INTERMEDIARY_FAULT_MS_MAX = 10_000;

// Exchange by files (docs/intermediary.md)
/** A folder in which nothing has moved is looked at again after this: not every file system tells of changes. */
export const INTERMEDIARY_DROP_POLL_MS = 250;
/** Files of one box that are looked at; a server does not answer into an inbox that holds as many. */
export const INTERMEDIARY_DROP_FILES_MAX = 1_000;
/** What was set aside; past it, it is deleted. */
export const INTERMEDIARY_DROP_QUARANTINE_MAX = 100;
/** What nobody waits for is cleared away at the start, and by the next call after so long. */
export const INTERMEDIARY_DROP_CLEAR_MS = 60_000;
/** A file that is still being written after this is not written any more. */
export const INTERMEDIARY_DROP_PART_MS_MAX = 10 * 60_000;
/** Of the path in a request. */
export const INTERMEDIARY_DROP_PATH_CHARS_MAX = 2_000;
/** What a request or an answer may have in its seal beside the bytes it carries: heads, certificate, signature. */
export const INTERMEDIARY_DROP_HEAD_BYTES_MAX = 64 * 1024;
