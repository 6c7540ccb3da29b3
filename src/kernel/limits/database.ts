// Database
/** Connections for single statements: few enough that each is still warm when its turn comes again. */
export const POOL_CONNECTIONS_MAX = 8;
/** Connections for transactions; one that waits for a lock keeps its own. */
export const TRANSACTION_CONNECTIONS_MAX = 8;
export const STATEMENT_MS_MAX = 6_000;
/** How long the client waits past the server's own limit. */
export const STATEMENT_GRACE_MS = 1_000;
export const LOCK_WAIT_MS_MAX = 3_000;
/** Texts of the query builder that a connection keeps prepared; what comes after is planned each time. */
export const ORM_STATEMENTS_PREPARED_MAX = 300;
/** A transaction waits so long for a connection when all are busy. */
export const TRANSACTION_WAIT_MS_MAX = 10_000;
export const CONNECT_SECONDS_MAX = 5;
