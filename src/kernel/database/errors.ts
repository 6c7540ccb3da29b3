import { KuramoriError } from '../errors.js';

/** SQLSTATE classes and driver codes that mean: the server is away, not: the statement is wrong. */
const AWAY_DRIVER_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ENOENT',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
]);
const AWAY_SQLSTATE = /^(08|57P|53)/;
const LOST_SQLSTATE = /^(08|57P)/;
const TIMEOUT_SQLSTATE = new Set(['57014', '55P03']);
const SQLSTATE = /^[0-9A-Z]{5}$/;

interface DriverFault {
  readonly code?: unknown;
  readonly constraint_name?: unknown;
  readonly cause?: unknown;
}

/**
 * Turns whatever the driver or the query builder threw into ours. Only the statement's own name, the SQLSTATE and the
 * constraint survive: messages, details, parameters and the original error may hold personal data (lessons 33).
 */
export function databaseError(statement: string, thrown: unknown): KuramoriError {
  if (thrown instanceof KuramoriError) return thrown;
  const fault = driverFault(thrown);
  const code = typeof fault?.code === 'string' ? fault.code : '';
  if (TIMEOUT_SQLSTATE.has(code)) {
    return new KuramoriError(
      'TIMEOUT',
      `The statement ${statement} took longer than its limit and was stopped.`,
      {
        statement,
        sqlstate: code,
      },
    );
  }
  if (AWAY_DRIVER_CODES.has(code) || AWAY_SQLSTATE.test(code)) {
    return databaseUnavailable(statement);
  }
  if (SQLSTATE.test(code)) {
    const constraint = typeof fault?.constraint_name === 'string' ? fault.constraint_name : '';
    return new KuramoriError(
      'DATABASE_ERROR',
      `The database refused the statement ${statement} (SQLSTATE ${code}).`,
      {
        statement,
        sqlstate: code,
        ...(constraint === '' ? {} : { constraint }),
      },
    );
  }
  return new KuramoriError('INTERNAL', `The statement ${statement} could not be run.`, {
    statement,
    kind: kindOf(thrown),
  });
}

/** The error of a database that is not there, or not in time. */
export function databaseUnavailable(statement: string): KuramoriError {
  return new KuramoriError('DATABASE_UNAVAILABLE', 'The database does not answer. Try again in a moment.', {
    statement,
  });
}

/** Whether the driver says that a connection was lost; a server that has no more to give has lost none. */
export function isConnectionLost(thrown: unknown): boolean {
  if (thrown instanceof KuramoriError) return false;
  const code = driverFault(thrown)?.code;
  return typeof code === 'string' && (AWAY_DRIVER_CODES.has(code) || LOST_SQLSTATE.test(code));
}

/** Whether something thrown came from the driver and still carries its texts. */
export function isDriverFault(thrown: unknown): boolean {
  return !(thrown instanceof KuramoriError) && driverFault(thrown) !== undefined;
}

/** Whether an error is a violation of the named unique or check constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return (
    error instanceof KuramoriError &&
    error.code === 'DATABASE_ERROR' &&
    error.facts['constraint'] === constraint
  );
}

/** The query builder wraps the driver's error; a fault is found at most a few causes deep. */
function driverFault(thrown: unknown): DriverFault | undefined {
  let current: unknown = thrown;
  for (let depth = 0; depth < 5; depth++) {
    if (typeof current !== 'object' || current === null) return undefined;
    const fault = current as DriverFault;
    if (typeof fault.code === 'string') return fault;
    current = fault.cause;
  }
  return undefined;
}

function kindOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}
