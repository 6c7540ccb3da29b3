import postgres from 'postgres';
import {
  CONNECT_SECONDS_MAX,
  LOCK_WAIT_MS_MAX,
  POOL_CONNECTIONS_MAX,
  TRANSACTION_CONNECTIONS_MAX,
  STATEMENT_GRACE_MS,
  STATEMENT_MS_MAX,
} from '../limits.js';
import { arrayTypes } from './arrays.js';
import { Lanes, type Access } from './lanes.js';
import { Pool } from './pool.js';
import type { Session } from './session.js';

export type { Session } from './session.js';

/** A pool of connections to one database. */
export interface Database extends Session {
  /**
   * Commits when `work` resolves, rolls everything back when it rejects.
   * @param access one that only reads is not waited for at its end, which keeps nothing
   */
  transaction<T>(name: string, work: (tx: Session) => Promise<T>, access?: Access): Promise<T>;
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
  const connections = options.connections ?? POOL_CONNECTIONS_MAX;
  const statementMs = options.statementMs ?? STATEMENT_MS_MAX;
  const deadlineMs = statementMs === 0 ? undefined : statementMs + STATEMENT_GRACE_MS;
  const settings = driverSettings(options, statementMs);
  const pool = new Pool(() => postgres(options.url, { ...settings, max: connections }), deadlineMs);
  const changes = { connection: { ...settings.connection, ...planningOfChanges(statementMs) } };
  const lanes = new Lanes(
    // A connection's age must not end it between two statements of a transaction.
    (onclose) => postgres(options.url, { ...settings, ...changes, max: 1, max_lifetime: null, onclose }),
    Math.min(connections, TRANSACTION_CONNECTIONS_MAX),
    deadlineMs,
  );
  return {
    run: (statement, work) => pool.run(statement, work),
    transaction: (name, work, access = 'write') =>
      access === 'read' ? lanes.reading(name, work) : lanes.transaction(name, work),
    close: async () => {
      await Promise.all([lanes.close(), pool.close()]);
    },
  };
}

/**
 * What a change reads and locks, it finds by keys: one plan serves all. PostgreSQL would make a new one each time for
 * an array of keys, because it takes an unknown one for longer than it is. Bulk work is planned by what it meets.
 */
function planningOfChanges(statementMs: number) {
  return statementMs === 0 ? {} : { plan_cache_mode: 'force_generic_plan' };
}

function driverSettings(options: DatabaseOptions, statementMs: number) {
  return {
    connect_timeout: CONNECT_SECONDS_MAX,
    prepare: options.prepare ?? true,
    onnotice: () => undefined,
    connection: {
      application_name: options.application,
      statement_timeout: statementMs,
      lock_timeout: LOCK_WAIT_MS_MAX,
      idle_in_transaction_session_timeout: 60_000,
      TimeZone: 'Asia/Tokyo',
      // Forking a worker takes longer than what people wait for here, and takes the core that others wait for.
      ...(statementMs === 0 ? {} : { max_parallel_workers_per_gather: 0 }),
    },
    fetch_types: false,
    types: {
      ...arrayTypes(),
      bigint: { to: PG_INT8, from: [PG_INT8, PG_NUMERIC], parse: BigInt, serialize: String },
      temporal: { to: 1082, from: PG_DATES, parse: (text: string) => text, serialize: String },
    },
  };
}
