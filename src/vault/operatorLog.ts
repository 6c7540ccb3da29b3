import type { Session } from '../kernel/database/database.js';
import { isKuramoriError } from '../kernel/errors.js';
import type { VaultContext } from './context.js';
import { sealRecord } from './opening.js';
import { reasonOf } from './operation/trail.js';

type LogContext = Pick<VaultContext, 'audit' | 'clock'>;

/** The entries of one command of an operator, all under one coordinate. */
export interface OperatorLog {
  /** Commits with the change. Call it last in the transaction. */
  readonly with: (tx: Session, reason: string) => Promise<unknown>;
  /** Of what changes nothing. @throws KuramoriError AUDIT_UNAVAILABLE */
  readonly alone: (reason: string) => Promise<unknown>;
}

/**
 * Does the work of one command. Every refusal is itself an entry (handbook 15 §10).
 * @throws what `work` throws; KuramoriError AUDIT_UNAVAILABLE
 */
export async function loggedCommand<T>(
  context: LogContext,
  coordinate: string,
  operator: string,
  work: (log: OperatorLog) => Promise<T>,
): Promise<T> {
  const { audit } = context;
  try {
    return await work({
      with: (tx, reason) => audit.appendIn(tx, sealRecord(context, coordinate, operator, 'allow', reason)),
      alone: (reason) => audit.append(sealRecord(context, coordinate, operator, 'allow', reason)),
    });
  } catch (error) {
    // When it was the log that failed, there is nowhere to note it.
    if (isKuramoriError(error, 'AUDIT_UNAVAILABLE')) throw error;
    await audit.append(sealRecord(context, coordinate, operator, 'refuse', reasonOf(error)));
    throw error;
  }
}
