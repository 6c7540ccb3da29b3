// One GraphQL request (handbook 15 §7)
export const BODY_BYTES_MAX = 96 * 1024;
/** A request that carries an operation's body of OPERATION_BODY_BYTES_MAX as a text, its quotes escaped. */
export const CARRYING_BODY_BYTES_MAX = 2 * 1024 * 1024;
/** Such requests at once, of different people: all that they hold in memory before they are done. */
export const CARRYING_REQUESTS_MAX = 4;
export const DOCUMENT_BYTES_MAX = 16 * 1024;
export const VARIABLES_BYTES_MAX = 64 * 1024;
export const TOKENS_MAX = 1_000;
export const DEPTH_MAX = 8;
/** Of the description of the schema, where it is told: as deep as the query that tools send for it. */
export const INTROSPECTION_DEPTH_MAX = 15;
export const ALIASES_MAX = 15;
export const ROOT_FIELDS_MAX = 5;
export const DIRECTIVES_MAX = 10;
export const FRAGMENTS_MAX = 20;
export const COST_MAX = 1_000;
export const LIST_COST = 10;
export const PAGE_SIZE_MAX = 100;
export const PAGE_SIZE_DEFAULT = 20;
/**
 * From when it is asked who sends a request to when what it asks for has been read, whatever the reading waits behind.
 * Longer than one statement may take; its entry in the log comes after.
 */
export const REQUEST_MS_MAX = 9_000;
export const HEADER_CHARS_MAX = 200;
/** Longer names could not be kept in the audit log. */
export const OPERATION_NAME_CHARS_MAX = 200;

// Documents known to be valid, by their text
export const KNOWN_DOCUMENTS_MAX = 2_000;
/** Of text; a parsed document takes some fifty times its text. */
export const KNOWN_DOCUMENTS_BYTES_MAX = 2 * 1024 * 1024;

/** Values of the header `accept` whose media type is remembered. */
export const ACCEPT_HEADERS_KNOWN_MAX = 50;

// Plans
export const PLAN_CACHE_ENTRIES_MAX = 2_000;
/** Of SQL, over all plans kept. */
export const PLAN_CACHE_CHARS_MAX = 16 * 1024 * 1024;
/** Requests that one statement reads for, and such statements of one plan under way at once. */
export const GATHERED_READS_MAX = 16;
export const GATHERED_UNDER_WAY_MAX = 2;
/** Milliseconds that such a statement is left to itself before another of its plan begins beside it. */
export const GATHERED_ALONE_MS = 10;
/** A plan that the database expects to cost more is run for each by itself; 1,000 units take about a millisecond. */
export const GATHERED_COST_MAX = 1_000;
