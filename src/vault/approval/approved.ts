import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { approvalNamed } from './content.js';

/** What was done in the transaction that used the approval up. */
export interface ApprovedWork {
  readonly tx: Session;
  readonly approvalId: string;
  /** The person who asked, and now. */
  readonly acting: ByAt;
}

/**
 * Does what two people decided: approval, change and entry commit together, or none of them does.
 * @param name of the transaction
 * @param work uses the approval up; what it returns is told to the caller
 * @throws KuramoriError DUAL_CONTROL_REQUIRED, and what `work` throws
 */
export async function approvedEffect(
  call: EffectCall,
  name: string,
  subjects: readonly VaultRef[],
  work: (approved: ApprovedWork) => Promise<unknown>,
): Promise<Effect> {
  const { context, assertion, trail } = call;
  const approvalId = approvalNamed(assertion);
  const completed = { rows: subjects.length, subjects, reason: usedReason(approvalId) };
  return context.database.transaction(name, async (tx) => {
    const result = await work({ tx, approvalId, acting: actingIn(call) });
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}

/** Who acts, and now. */
export function actingIn({ context, actor }: Pick<EffectCall, 'context' | 'actor'>): ByAt {
  return { by: actor.person.personId, at: context.clock.now() };
}

/** The reason of an entry for what two people decided: it names their approval (handbook 11 §4.1). */
export function usedReason(approvalId: string): string {
  return `approval:${approvalId}`;
}
