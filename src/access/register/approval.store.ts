import type { APPROVAL_KINDS } from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import { Temporal, type IsoDate } from '../../kernel/dates.js';
import type { ApprovalEdge, ApprovalState, ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { onlyRow } from '../row.js';

/** What a second administrator approves. */
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** What is asked for, and about whom. */
export interface AskedApproval {
  readonly kind: ApprovalKind;
  readonly staffId: string;
  /** With `grantRole` alone. */
  readonly role?: string;
  /** With `grantRole` and `linkVaultPerson`. */
  readonly validFrom?: IsoDate;
  /** With `grantRole` alone. */
  readonly validTo?: IsoDate;
  /** With `linkVaultPerson` alone. */
  readonly vaultPersonId?: string;
}

/** What is asked for, as it is approved. */
export interface ApprovedContent extends AskedApproval {
  /** With `grantRole`: the unit (所属) for which the role will hold. */
  readonly department?: string;
  /** With `reactivateStaff`: the suspension that ends, by the number of its event. */
  readonly suspension?: string | undefined;
}

/** A request as it stands. */
export interface StoredApproval extends AskedApproval {
  readonly id: bigint;
  readonly contentDigest: string;
  readonly state: ApprovalState;
  readonly requested: ByAt;
  readonly decided: ByAt | undefined;
}

interface ApprovalRow {
  readonly id: bigint;
  readonly kind: ApprovalKind;
  readonly staff_id: string;
  readonly content_digest: string;
  readonly requested_by: string;
  readonly requested_ms: bigint;
  readonly outcome: 'approved' | 'refused' | null;
  readonly decided_by: string | null;
  readonly decided_ms: bigint | null;
  readonly used: boolean;
}

/** Makes decisions of one kind wait for each other, so that two of them together close no ring. */
export async function lockApprovals(tx: Session, kind: ApprovalKind): Promise<void> {
  await tx.run(
    'access.approval.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('access.approval:' || ${kind}, 0))`,
  );
}

/** @returns number of the request */
export async function insertRequest(
  tx: Session,
  asked: ApprovedContent & { readonly contentDigest: string; readonly reason: string },
  requested: ByAt,
  changeId: bigint,
): Promise<bigint> {
  const { kind, staffId, role, department, validFrom, validTo, vaultPersonId, contentDigest, reason } = asked;
  const rows = await tx.run(
    'access.approval.request',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into access.approval_request (kind, staff_id, role, department, valid_from, valid_to, vault_person_id,
      content_digest, requested_by, requested_at, reason, change_id)
    values (${kind}, ${staffId}, ${role ?? null}, ${department ?? null}, ${validFrom ?? null}, ${validTo ?? null},
      ${vaultPersonId ?? null}, ${contentDigest}, ${requested.by}, ${requested.at.toString()}, ${reason},
      ${String(changeId)})
    returning id`,
  );
  return onlyRow(rows).id;
}

/** @throws KuramoriError NOT_FOUND */
export async function approvalNumbered(tx: Session, id: bigint): Promise<StoredApproval> {
  const found = await findApproval(tx, id);
  if (found === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such request for approval. Check its number.');
  return found;
}

/** A request with what became of it, or nothing. */
export async function findApproval(tx: Session, id: bigint): Promise<StoredApproval | undefined> {
  const [row] = await tx.run(
    'access.approval.find',
    ({ raw }) => raw<ApprovalRow[]>`
    select r.id, r.kind, r.staff_id, r.content_digest, r.requested_by,
      (extract(epoch from r.requested_at) * 1000)::int8 as requested_ms, d.outcome, d.decided_by,
      (extract(epoch from d.decided_at) * 1000)::int8 as decided_ms, u.request_id is not null as used
    from access.approval_request r
    left join access.approval_decision d on d.request_id = r.id
    left join access.approval_use u on u.request_id = r.id
    where r.id = ${String(id)}`,
  );
  return row && storedOf(row);
}

export async function insertOpening(tx: Session, id: bigint, opened: ByAt, changeId: bigint): Promise<void> {
  await tx.run(
    'access.approval.open',
    ({ raw }) => raw`
    insert into access.approval_opening (request_id, opened_by, opened_at, change_id)
    values (${String(id)}, ${opened.by}, ${opened.at.toString()}, ${String(changeId)})`,
  );
}

/** When a person opened a request last, whoever opened it beside him; or nothing. */
export async function openingBy(tx: Session, id: bigint, by: string): Promise<ByAt | undefined> {
  const [row] = await tx.run(
    'access.approval.opening',
    ({ raw }) => raw<{ ms: bigint }[]>`
    select (extract(epoch from opened_at) * 1000)::int8 as ms from access.approval_opening
    where request_id = ${String(id)} and opened_by = ${by} order by id desc limit 1`,
  );
  return row && { by, at: instantAt(row.ms) };
}

export async function insertDecision(
  tx: Session,
  id: bigint,
  decided: ByAt & { readonly outcome: 'approved' | 'refused'; readonly reason: string },
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'access.approval.decide',
    ({ raw }) => raw`
    insert into access.approval_decision (request_id, outcome, decided_by, decided_at, reason, change_id)
    values (${String(id)}, ${decided.outcome}, ${decided.by}, ${decided.at.toString()}, ${decided.reason},
      ${String(changeId)})`,
  );
}

export async function insertUse(
  tx: Session,
  id: bigint,
  at: Temporal.Instant,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'access.approval.use',
    ({ raw }) => raw`
    insert into access.approval_use (request_id, used_at, change_id)
    values (${String(id)}, ${at.toString()}, ${String(changeId)})`,
  );
}

/** Approvals of a kind since an instant, for the ring rule. */
export async function approvalEdges(
  tx: Session,
  kind: ApprovalKind,
  since: Temporal.Instant,
): Promise<readonly ApprovalEdge[]> {
  const rows = await tx.run(
    'access.approval.edges',
    ({ raw }) => raw<{ requested_by: string; decided_by: string; ms: bigint }[]>`
    select r.requested_by, d.decided_by, (extract(epoch from d.decided_at) * 1000)::int8 as ms
    from access.approval_decision d join access.approval_request r on r.id = d.request_id
    where r.kind = ${kind} and d.outcome = 'approved' and d.decided_at > ${since.toString()}`,
  );
  return rows.map(({ requested_by, decided_by, ms }) => ({
    requestedBy: requested_by,
    approvedBy: decided_by,
    at: instantAt(ms),
  }));
}

/** Whether a person may approve on a day: an account of his is active and holds the function. */
export async function mayStillApprove(tx: Session, personId: string, day: IsoDate): Promise<boolean> {
  const rows = await tx.run(
    'access.approval.approver',
    ({ raw }) => raw`
    select from access.staff s join lateral access.grants_in_force(s.staff_id, null, ${day}) g on true
    join access.role_function f on f.role = g.role and f.function = 'role:grant' and f.valid_from <= ${day}
      and (f.valid_to is null or f.valid_to >= ${day})
    where s.person_id = ${personId} and s.state = 'active' and s.employment_from <= ${day}
      and (s.employment_to is null or s.employment_to >= ${day}) limit 1`,
  );
  return rows.length > 0;
}

function storedOf(row: ApprovalRow): StoredApproval {
  return {
    id: row.id,
    kind: row.kind,
    staffId: row.staff_id,
    contentDigest: row.content_digest,
    state: row.used ? 'consumed' : (row.outcome ?? 'requested'),
    requested: { by: row.requested_by, at: instantAt(row.requested_ms) },
    decided: byAt(row.decided_by, row.decided_ms),
  };
}

function byAt(by: string | null, ms: bigint | null): ByAt | undefined {
  return by === null || ms === null ? undefined : { by, at: instantAt(ms) };
}

function instantAt(ms: bigint): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(Number(ms));
}
