import type { Session } from '../../kernel/database/database.js';
import { assertMayUse, contentDigest, type ApprovalContent, type ByAt } from '../../kernel/dualControl.js';
import type { Approval, ApprovalKind } from './approval.js';
import { lockApproval } from './approval.store.js';

/** What is really being done, whatever was said when approval was asked for. */
export interface ApprovedAct {
  readonly approvalId: string;
  readonly kind: ApprovalKind;
  readonly content: ApprovalContent;
}

/** An approval that has just been used. */
export type ConsumedApproval = Approval & { readonly decided: ByAt };

/**
 * Uses an approval in the transaction of the act itself: both happen or neither. Of two at once, one gets it.
 * @param acting who acts, and when
 * @throws KuramoriError DUAL_CONTROL_REQUIRED with `facts.rule`; an unknown number is `missing` like none at all
 */
export async function consumeApproval(
  tx: Session,
  { approvalId, kind, content }: ApprovedAct,
  acting: ByAt,
): Promise<ConsumedApproval> {
  const approval = await lockApproval(tx, approvalId);
  const usable = assertMayUse(approval, { kind, contentDigest: contentDigest(content), ...acting });
  await tx.run(
    'vault.approval.consume',
    ({ raw }) => raw`
    update vault.approval set state = 'consumed', consumed_at = ${acting.at.toString()}
    where approval_id = ${usable.approvalId}`,
  );
  return { ...usable, state: 'consumed', consumedAt: acting.at };
}

/**
 * Voids what a withdrawn person is part of: his requests, and approvals he asked for or gave that are not used yet
 * (handbook 15 §6.2).
 * @returns their numbers, for the log
 */
export async function voidApprovalsOf(tx: Session, personId: string): Promise<readonly string[]> {
  const rows = await tx.run(
    'vault.approval.void',
    ({ raw }) => raw<{ approval_id: string }[]>`
    update vault.approval set state = 'void'
    where (state in ('requested', 'approved') and requested_by = ${personId})
      or (state = 'approved' and decided_by = ${personId})
    returning approval_id`,
  );
  return rows.map((row) => row.approval_id).toSorted();
}
