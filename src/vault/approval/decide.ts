import type { Session } from '../../kernel/database/database.js';
import { assertMayApprove, assertMayRefuse, type ByAt } from '../../kernel/dualControl.js';
import type { Approval } from './approval.js';
import {
  approvalEdges,
  lockedApproval,
  openingBy,
  serializeDecisions,
  writeDecision,
} from './approval.store.js';

/**
 * Approves a request (承認). Whether the person holds an approving role for the requester's unit is for the caller to
 * decide, from the register of staff.
 * @param tx READ COMMITTED
 * @throws KuramoriError NOT_FOUND, CONFLICT, DUAL_CONTROL_REQUIRED with `facts.rule` (handbook 15 §6.3)
 */
export async function approve(tx: Session, approvalId: string, decided: ByAt): Promise<Approval> {
  const approval = await lockedApproval(tx, approvalId);
  await serializeDecisions(tx, approval.kind);
  const opened = await openingBy(tx, approval.approvalId, decided.by);
  assertMayApprove({ ...approval, opened }, decided, await approvalEdges(tx, approval.kind, decided.at));
  await writeDecision(tx, approval.approvalId, 'approved', decided);
  return { ...approval, state: 'approved', decided };
}

/**
 * Refuses a request (否認).
 * @throws KuramoriError NOT_FOUND, CONFLICT, DUAL_CONTROL_REQUIRED samePerson, beforeRequest
 */
export async function refuse(tx: Session, approvalId: string, decided: ByAt): Promise<Approval> {
  const approval = await lockedApproval(tx, approvalId);
  assertMayRefuse(approval, decided);
  await writeDecision(tx, approval.approvalId, 'refused', decided);
  return { ...approval, state: 'refused', decided };
}
