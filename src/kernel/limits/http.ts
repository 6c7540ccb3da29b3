// HTTP
/** A request, from its first byte to its last: who sends it drop by drop holds a place for no longer. */
export const HEADERS_MS_MAX = 10_000;
/** Between two looks for requests that are over that. */
export const DEADLINE_CHECK_MS = 1_000;
/** A connection without traffic, longer than any answer takes. */
export const IDLE_CONNECTION_MS_MAX = 30_000;
export const DRAIN_MS_MAX = 10_000;
/** Between two clean-ups of what has expired. */
export const HOUSEKEEPING_MS = 3_600_000;
