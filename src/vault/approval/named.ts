import type { Session } from '../../kernel/database/database.js';
import { assertUsableBy, dualControlRequired, type ByAt } from '../../kernel/dualControl.js';
import type { Assertion } from '../assertion/assertion.js';
import { operationRule } from '../assertion/operation.js';
import { findApproval } from './approval.store.js';

/**
 * The approvals that an operation names are there for who acts, before anything is said of its subjects and before its
 * intent (handbook 15 §5). That they are for this very content, and used once, is decided where they are used up.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export async function assertApprovals(
  session: Session,
  { op, count, approvals }: Pick<Assertion, 'op' | 'count' | 'approvals'>,
  acting: ByAt,
): Promise<void> {
  const { approved } = operationRule(op);
  if (approved === undefined || (approved === 'severalSubjects' && count <= 1)) return;
  if (approvals.length === 0) throw dualControlRequired('missing');
  for (const approvalId of approvals) assertUsableBy(await findApproval(session, approvalId), acting);
}
