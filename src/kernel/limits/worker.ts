/** Limits of the worker: pushes from the records to the vault (design §2, handbook 15 §5). */

/** Pushes that a worker hands over at once; the default, and what no configuration goes past. */
export const WORKER_HAND_OVERS = 8;
export const WORKER_HAND_OVERS_MAX = 32;
/** The outbox is looked at so often while nothing waits there. */
export const WORKER_POLL_MS = 50;
/** The vault's journal is read so often: while pushes are on their way, and otherwise. */
export const WORKER_CHANGES_POLL_MS = 50;
export const WORKER_CHANGES_IDLE_POLL_MS = 1_000;
/** For so long after a handover or a change more changes are looked out for. */
export const WORKER_CHANGES_EXPECTED_MS = 10_000;
/** Before a handover is tried again: the first time, and doubled up to the other. */
export const HAND_OVER_RETRY_MS = 250;
export const HAND_OVER_RETRY_MS_MAX = 5_000;
/** After a failure of the worker's own, such as a database that does not answer: doubled up to the other. */
export const WORKER_FAILURE_PAUSE_MS = 100;
export const WORKER_FAILURE_PAUSE_MS_MAX = 5_000;
/** A worker whose last success is older is not ready. */
export const WORKER_SILENT_MS_MAX = 10_000;
/** For work under way when the worker is told to stop: longer than a call of the vault with its entries. */
export const WORKER_DRAIN_MS_MAX = 10_000;
