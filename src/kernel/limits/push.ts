// Vault: pushes to the intermediary server and refund accounts (handbook 12 §4, §7)
/** A push is given up when it could not be sent by then; the default, and what nobody may ask past. */
export const PUSH_DEADLINE_MS = 24 * 60 * 60_000;
export const PUSH_DEADLINE_MS_MAX = 7 * 24 * 60 * 60_000;
/** Times that a message is sent, and pauses between them in minutes; the last one holds for all that follow. */
export const PUSH_ATTEMPTS_MAX = 8;
export const PUSH_RETRY_MINUTES: readonly number[] = [1, 2, 4, 8, 15];
/** Changes of pushes in one answer. */
export const PUSH_CHANGES_MAX = 500;
/** Name of an account's holder, in characters. */
export const HOLDER_KANA_CHARS_MAX = 100;
/** The other side is asked again about a message it has not decided, at pauses of the same minutes; so long at most. */
export const PUSH_UNRESOLVED_MS_MAX = 14 * 24 * 60 * 60_000;
/** A push of a batch (一括照会) waits so long for others to travel with. */
export const PUSH_BATCH_WAIT_MS = 10 * 60_000;
/** Lines of a batch that are settled before others have their turn. */
export const BATCH_LINES_STEP_MAX = 500;
/** Batches that the vault's host is shown, the newest. */
export const BATCHES_LISTED_MAX = 100;
/** Pushes that are worked on at once, and how often the vault looks whether one is due. */
export const PUSHES_UNDER_WAY_MAX = 8;
export const PUSH_LOOK_MS = 1_000;
/** A push that met a failure of ours rests for so long. */
export const PUSH_FAULT_PAUSE_MS = 10_000;
/** Clocks of the two sides may differ by this before a message that is out of its time is taken for refused. */
export const PUSH_CLOCK_MARGIN_MS = 60_000;
/** Requests, envelopes, receipts and accounts lie in the spool for so many days. */
export const SPOOL_DAYS = 30;
/** An account that was taken for a payment waits at most so long for its confirmation. */
export const REFUND_PAYMENT_DAYS_MAX = 180;
/** 情報提供等記録 are kept through this anniversary (番号法施行令 29条). */
export const INFO_PROVISION_YEARS = 7;
/** Signing keys of the intermediary server that are remembered: a former one stays known. */
export const INTERMEDIARY_SERVER_KEYS_MAX = 64;
/** Of the answer of the intermediary server to one message of ours. */
export const INTERMEDIARY_ANSWER_BYTES_MAX = 1024 * 1024;
/** A batch, or its results, from the first byte out to the last one in: many times an immediate inquiry. */
export const INTERMEDIARY_BATCH_MS_MAX = 120_000;
/** Exchanges with the intermediary server at once, streams of one connection; one more is not begun. */
export const INTERMEDIARY_STREAMS_MAX = 32;
/** Until the connection to the intermediary server stands, certificates and all. */
export const INTERMEDIARY_CONNECT_MS_MAX = 10_000;
/** A connection that was quiet for so long is asked for a sign of life (PING) before something is sent over it. */
export const INTERMEDIARY_QUIET_MS = 2_000;
export const INTERMEDIARY_PING_MS_MAX = 3_000;
/** A connection without any exchange ends after this, before the other side ends it. */
export const INTERMEDIARY_IDLE_MS_MAX = 20_000;
/** And any connection after this: its certificates were looked at when it began. */
export const INTERMEDIARY_CONNECTION_MS_MAX = 10 * 60_000;
