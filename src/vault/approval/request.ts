import { randomUUID } from 'node:crypto';
import type { Session } from '../../kernel/database/database.js';
import {
  contentDigest,
  dualControlRequired,
  type ApprovalContent,
  type ByAt,
} from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { APPROVAL_SAMPLE_MAX, REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import type { Approval, ApprovalId, ApprovalKind, ApprovalSummary } from './approval.js';
import { lockedApproval, writeOpening } from './approval.store.js';

/** What a person asks another to approve. */
export interface NewApproval {
  readonly kind: ApprovalKind;
  /** What will be done, to the byte; only its digest is kept. */
  readonly content: ApprovalContent;
  readonly summary: ApprovalSummary;
}

/**
 * Asks for a second person (承認依頼).
 * @param requested who asks, by person, and when
 * @returns the approval's number, which the operation names later
 * @throws KuramoriError BAD_INPUT
 */
export async function requestApproval(
  tx: Session,
  { kind, content, summary }: NewApproval,
  requested: ByAt,
): Promise<ApprovalId> {
  const approvalId: ApprovalId = `AP-${randomUUID()}`;
  const shown = shownSummary(summary);
  await tx.run(
    'vault.approval.insert',
    ({ raw }) => raw`
    insert into vault.approval (approval_id, kind, content_digest, summary, state, requested_by, requested_at)
    values (${approvalId}, ${kind}, ${contentDigest(content)}, ${JSON.stringify(shown)}::jsonb, 'requested',
      ${requested.by}, ${requested.at.toString()})`,
  );
  return approvalId;
}

/**
 * Opens the summary of a request (内容確認). Who has opened it may approve it, whoever opens it beside him.
 * @throws KuramoriError NOT_FOUND, CONFLICT when it is decided already, DUAL_CONTROL_REQUIRED samePerson
 */
export async function openApproval(tx: Session, approvalId: string, opened: ByAt): Promise<Approval> {
  const approval = await lockedApproval(tx, approvalId);
  if (approval.state !== 'requested') {
    throw new KuramoriError('CONFLICT', 'The request has been decided or withdrawn already.');
  }
  if (opened.by === approval.requested.by) throw dualControlRequired('samePerson');
  await writeOpening(tx, approval.approvalId, opened);
  return approval;
}

function shownSummary(summary: ApprovalSummary): ApprovalSummary {
  if (!Number.isSafeInteger(summary.count) || summary.count < 1) {
    throw new KuramoriError('BAD_INPUT', 'The count of subjects must be a whole number from 1.', {
      field: 'count',
    });
  }
  if (summary.sample.length > APPROVAL_SAMPLE_MAX) {
    throw new KuramoriError('BAD_INPUT', `The summary shows at most ${APPROVAL_SAMPLE_MAX} samples.`, {
      field: 'sample',
    });
  }
  return { ...summary, reason: enteredWords(summary.reason, 'reason', REASON_CHARS_MAX) };
}
