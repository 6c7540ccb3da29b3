import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import type { ApprovalEdge, ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { APPROVAL_RING_MS } from '../../kernel/limits.js';
import {
  approvalOf,
  type Approval,
  type ApprovalId,
  type ApprovalKind,
  type ApprovalRow,
} from './approval.js';

/** An approval, or none. */
export async function findApproval(session: Session, approvalId: string): Promise<Approval | undefined> {
  const [row] = await session.run(
    'vault.approval.find',
    ({ raw }) => raw<ApprovalRow[]>`select * from vault.approval where approval_id = ${approvalId}`,
  );
  return row && approvalOf(row);
}

/** An approval that nobody else changes before the transaction's end, or none. */
export async function lockApproval(tx: Session, approvalId: string): Promise<Approval | undefined> {
  const [row] = await tx.run(
    'vault.approval.lock',
    ({ raw }) =>
      raw<ApprovalRow[]>`select * from vault.approval where approval_id = ${approvalId} for update`,
  );
  return row && approvalOf(row);
}

/** An approval that nobody changes before the transaction's end, or none; others may look at it in the same way. */
export async function shareApproval(tx: Session, approvalId: string): Promise<Approval | undefined> {
  const [row] = await tx.run(
    'vault.approval.share',
    ({ raw }) => raw<ApprovalRow[]>`select * from vault.approval where approval_id = ${approvalId} for share`,
  );
  return row && approvalOf(row);
}

/** As `lockApproval`. @throws KuramoriError NOT_FOUND */
export async function lockedApproval(tx: Session, approvalId: string): Promise<Approval> {
  const approval = await lockApproval(tx, approvalId);
  if (approval !== undefined) return approval;
  throw new KuramoriError('NOT_FOUND', 'There is no such request. Check its number.');
}

/**
 * Makes decisions about one kind wait for each other until the transaction's end: two approvals that close a ring
 * together would otherwise each look at a graph without the other.
 */
export async function serializeDecisions(tx: Session, kind: ApprovalKind): Promise<void> {
  await tx.run(
    'vault.approval.serialize',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`vault.approval:${kind}`}, 0))`,
  );
}

/** Approvals of a kind within the ring rule's window; those used or void since were given all the same. */
export async function approvalEdges(
  tx: Session,
  kind: ApprovalKind,
  at: Temporal.Instant,
): Promise<readonly ApprovalEdge[]> {
  const after = at.subtract({ milliseconds: APPROVAL_RING_MS }).toString();
  const rows = await tx.run(
    'vault.approval.edges',
    ({ raw }) => raw<{ requested_by: string; decided_by: string; decided_at: string }[]>`
    select requested_by, decided_by, decided_at from vault.approval
    where kind = ${kind} and decided_at > ${after} and state in ('approved', 'consumed', 'void')`,
  );
  return rows.map((row) => ({
    requestedBy: row.requested_by,
    approvedBy: row.decided_by,
    at: Temporal.Instant.from(row.decided_at),
  }));
}

/** Notes that a person has opened a request. */
export async function writeOpening(tx: Session, approvalId: ApprovalId, { by, at }: ByAt): Promise<void> {
  await tx.run(
    'vault.approval.open',
    ({ raw }) => raw`
    insert into vault.approval_opening (approval_id, opened_by, opened_at)
    values (${approvalId}, ${by}, ${at.toString()})`,
  );
}

/** When a person opened a request last, whoever opened it beside him; or nothing. */
export async function openingBy(tx: Session, approvalId: ApprovalId, by: string): Promise<ByAt | undefined> {
  const [row] = await tx.run(
    'vault.approval.opening',
    ({ raw }) => raw<{ opened_at: string }[]>`
    select opened_at from vault.approval_opening where approval_id = ${approvalId} and opened_by = ${by}
    order by id desc limit 1`,
  );
  return row && { by, at: Temporal.Instant.from(row.opened_at) };
}

/** Writes the decision about a request that is locked. */
export async function writeDecision(
  tx: Session,
  approvalId: ApprovalId,
  state: 'approved' | 'refused',
  { by, at }: ByAt,
): Promise<void> {
  await tx.run(
    'vault.approval.decide',
    ({ raw }) => raw`
    update vault.approval set state = ${state}, decided_by = ${by}, decided_at = ${at.toString()}
    where approval_id = ${approvalId}`,
  );
}
