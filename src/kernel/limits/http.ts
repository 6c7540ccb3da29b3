// HTTP
export const HEADERS_MS_MAX = 10_000;
/** A connection without traffic, longer than any answer takes. */
export const IDLE_CONNECTION_MS_MAX = 30_000;
export const DRAIN_MS_MAX = 10_000;
/** Between two clean-ups of what has expired. */
export const HOUSEKEEPING_MS = 3_600_000;
