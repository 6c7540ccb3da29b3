import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { KuramoriError } from '../errors.js';
import {
  CONNECT_SECONDS_MAX,
  LOCK_WAIT_MS_MAX,
  POOL_CONNECTIONS_MAX,
  STATEMENT_GRACE_MS,
  STATEMENT_MS_MAX,
} from '../limits.js';
import { databaseError, isDriverFault } from './errors.js';

/** What a statement is written with: `orm` for typed statements, `raw` for prepared text, arrays and COPY. */
export interface Handle {
  readonly orm: PostgresJsDatabase;
  readonly raw: postgres.Sql;
}

/** A pool or one transaction. `run` is the only way to a connection, so that no driver error escapes unwrapped. */
export interface Session {
  /**
   * Runs one statement under a name of ours; the name is all that an error will tell.
   * @throws KuramoriError DATABASE_ERROR, DATABASE_UNAVAILABLE or TIMEOUT
   */
  run<T>(statement: string, work: (handle: Handle) => PromiseLike<T>): Promise<T>;
}

/** A pool of connections to one database. */
export interface Database extends Session {
  /** Commits when `work` resolves, rolls everything back when it rejects. */
  transaction<T>(name: string, work: (tx: Session) => Promise<T>): Promise<T>;
  /** Lets running statements end, then closes. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Connections of the pool. */
  readonly connections?: number;
  /** Milliseconds a statement may run; 0 for bulk work without a limit. */
  readonly statementMs?: number;
  /** Shown in `pg_stat_activity`. */
  readonly application: string;
  /** Named prepared statements; off behind a transaction pooler (lessons 32). */
  readonly prepare?: boolean;
}

const PG_INT8 = 20;
const PG_NUMERIC = 1700;
const PG_DATES = [1082, 1083, 1114, 1184];

/** Opens a pool. Nothing connects before the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = postgres(options.url, {
    max: options.connections ?? POOL_CONNECTIONS_MAX,
    connect_timeout: CONNECT_SECONDS_MAX,
    prepare: options.prepare ?? true,
    onnotice: () => undefined,
    connection: {
      application_name: options.application,
      statement_timeout: options.statementMs ?? STATEMENT_MS_MAX,
      lock_timeout: LOCK_WAIT_MS_MAX,
      idle_in_transaction_session_timeout: 60_000,
      TimeZone: 'Asia/Tokyo',
    },
    types: {
      bigint: { to: PG_INT8, from: [PG_INT8, PG_NUMERIC], parse: BigInt, serialize: String },
      temporal: { to: 1082, from: PG_DATES, parse: (text: string) => text, serialize: String },
    },
  });
  const root = handleOn(pool, pool);
  const statementMs = options.statementMs ?? STATEMENT_MS_MAX;
  const deadlineMs = statementMs === 0 ? undefined : statementMs + STATEMENT_GRACE_MS;
  return {
    run: (statement, work) => guarded(statement, () => withinDeadline(statement, work(root), deadlineMs)),
    transaction: async <T>(name: string, work: (tx: Session) => Promise<T>) => {
      try {
        return (await pool.begin((connection) => work(transactionSession(connection, pool)))) as T;
      } catch (thrown) {
        throw isDriverFault(thrown) ? databaseError(name, thrown) : thrown;
      }
    },
    close: () => pool.end({ timeout: CONNECT_SECONDS_MAX }),
  };
}

function transactionSession(connection: postgres.TransactionSql, pool: postgres.Sql): Session {
  const handle = handleOn(connection, pool);
  return { run: (statement, work) => guarded(statement, () => work(handle)) };
}

/** A transaction's connection lacks the pool's options, which the query builder reads. */
function handleOn(connection: postgres.Sql | postgres.TransactionSql, pool: postgres.Sql): Handle {
  const raw = (
    connection === pool ? pool : Object.assign(connection, { options: pool.options })
  ) as postgres.Sql;
  return { raw, orm: drizzle(raw) };
}

/**
 * A server that is frozen cannot keep its own time limit: the wait is bounded here as well.
 * @throws KuramoriError DATABASE_UNAVAILABLE
 */
async function withinDeadline<T>(
  statement: string,
  work: PromiseLike<T>,
  deadlineMs: number | undefined,
): Promise<T> {
  if (deadlineMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new KuramoriError('DATABASE_UNAVAILABLE', 'The database does not answer. Try again in a moment.', {
          statement,
        }),
      );
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function guarded<T>(statement: string, work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw databaseError(statement, thrown);
  }
}
