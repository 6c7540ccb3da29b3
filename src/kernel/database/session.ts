import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import { ORM_STATEMENTS_PREPARED_MAX } from '../limits.js';

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

/** The ways to write a statement for a connection. */
export function handleOn(connection: postgres.Sql): Handle {
  return { raw: connection, orm: drizzle(preparing(connection)) };
}

/**
 * Drizzle asks for none of its statements to be kept, and the driver then asks the server about the parameters before
 * each of them: a way there and back, and a plan, every time. Statements are kept here as those written by hand are, up
 * to a number, for some hold a text of their own for each count of values.
 */
function preparing(connection: postgres.Sql): postgres.Sql {
  const kept = new Set<string>();
  const unsafe = (text: string, parameters: never[]) => {
    if (kept.size < ORM_STATEMENTS_PREPARED_MAX) kept.add(text);
    return connection.unsafe(text, parameters, { prepare: kept.has(text) });
  };
  return new Proxy(connection, {
    get: (target, property): unknown => (property === 'unsafe' ? unsafe : Reflect.get(target, property)),
  });
}

/**
 * When a statement fails after its first rows, the driver counts the next statement's rows of that connection from
 * where it stopped: its result begins with holes, and its first row would be taken for none (postgres.js issue 1181).
 */
export function withoutHoles<T>(result: T): T {
  if (!Array.isArray(result) || result.length === 0 || 0 in result) return result;
  let holes = 0;
  while (!(holes in result)) holes += 1;
  result.splice(0, holes);
  return result;
}
