import type { Session } from '../../kernel/database/database.js';
import {
  assertMayApprove,
  assertMayRefuse,
  assertMayUse,
  contentDigest,
  dualControlRequired,
  type ByAt,
  type ContentDigest,
} from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { APPROVAL_RING_MS } from '../../kernel/limits.js';
import {
  approvalEdges,
  approvalNumbered,
  findApproval,
  insertDecision,
  insertOpening,
  insertRequest,
  insertUse,
  lockApprovals,
  mayStillApprove,
  openingBy,
  type ApprovalKind,
  type ApprovedContent,
  type AskedApproval,
} from './approval.store.js';
import { dayOf, recordChange, type RegisterChange } from './change.js';
import { assertGrantPeriod, unitOn, type NewGrant } from './grants.js';
import { assertRoleExists } from './roles.store.js';
import { assertNotSelf, changeableAccount } from './staff.js';
import { accountNamed, findAccount, latestSuspension, lockPerson, type StaffState } from './staff.store.js';
import { assertLinkable, type VaultPersonLink } from './vaultPerson.js';

/** What was decided on a request. */
export interface Decision {
  readonly outcome: 'approved' | 'refused';
}

/** Accounts that something can be asked for. */
const STATES: Readonly<Record<ApprovalKind, readonly StaffState[]>> = {
  grantRole: ['pending', 'active', 'suspended'],
  resetCredentials: ['pending', 'active', 'suspended'],
  reactivateStaff: ['suspended'],
  linkVaultPerson: ['pending', 'active', 'suspended'],
};

/**
 * 承認依頼: asks another administrator for what gives somebody rights (handbook 15 §6.3). What could never be done is
 * refused now. @returns number of the request
 * @throws KuramoriError NOT_FOUND, CONFLICT, BAD_INPUT, DUAL_CONTROL_REQUIRED for one's own account
 */
export async function requestApproval(
  tx: Session,
  change: RegisterChange,
  asked: AskedApproval,
): Promise<bigint> {
  const requested = await actingPerson(tx, change);
  const account = await changeableAccount(tx, change, asked.staffId, STATES[asked.kind]);
  if (asked.kind === 'linkVaultPerson') await assertLinkable(tx, account, linkOf(asked));
  if (asked.kind === 'grantRole') {
    assertGrantPeriod(grantOf(asked), dayOf(change));
    await assertRoleExists(tx, asked.role as string);
  }
  const content = await contentOf(tx, asked);
  const changeId = await recordChange(tx, change, 'approval.request');
  const request = { ...content, contentDigest: digestOf(content), reason: change.reason };
  return insertRequest(tx, request, requested, changeId);
}

/**
 * 内容の確認: whoever is to approve has opened the request.
 * @throws KuramoriError NOT_FOUND, DUAL_CONTROL_REQUIRED for one's own account
 */
export async function openApproval(tx: Session, change: RegisterChange, id: bigint): Promise<void> {
  const request = await approvalNumbered(tx, id);
  const opened = await actingPerson(tx, change);
  await assertNotAbout(tx, change, request.staffId);
  await insertOpening(tx, id, opened, await recordChange(tx, change, 'approval.open'));
}

/**
 * 承認・否認 by a second administrator, who is neither the one who asked nor the one it is about.
 * @throws KuramoriError NOT_FOUND, CONFLICT when it is decided already, DUAL_CONTROL_REQUIRED
 */
export async function decideApproval(
  tx: Session,
  change: RegisterChange,
  id: bigint,
  { outcome }: Decision,
): Promise<void> {
  const { kind } = await approvalNumbered(tx, id);
  await lockApprovals(tx, kind);
  const request = await approvalNumbered(tx, id);
  const decided = await actingPerson(tx, change);
  await assertNotAbout(tx, change, request.staffId);
  if (outcome === 'refused') assertMayRefuse(request, decided);
  else {
    const since = decided.at.subtract({ milliseconds: APPROVAL_RING_MS });
    const opened = await openingBy(tx, id, decided.by);
    assertMayApprove({ ...request, opened }, decided, await approvalEdges(tx, kind, since));
  }
  const changeId = await recordChange(tx, change, `approval.${outcome}`);
  await insertDecision(tx, id, { ...decided, outcome, reason: change.reason }, changeId);
}

/**
 * Uses an approval for exactly what was asked, once, by the person who asked. Call it before what it permits, in the
 * same transaction.
 * @throws KuramoriError NOT_FOUND for the account; DUAL_CONTROL_REQUIRED, facts `{rule}`
 */
export async function useApproval(
  tx: Session,
  change: RegisterChange,
  id: bigint,
  asked: AskedApproval,
): Promise<void> {
  const { personId } = await accountNamed(tx, asked.staffId);
  await lockPerson(tx, personId);
  const use = await actingPerson(tx, change);
  const found = await findApproval(tx, id);
  const content = await contentOf(tx, asked);
  const request = assertMayUse(found, { ...use, kind: asked.kind, contentDigest: digestOf(content) });
  // Who was withdrawn since has approved nothing (handbook 15 §6.2).
  if (!(await mayStillApprove(tx, request.decided.by, dayOf(change)))) throw dualControlRequired('withdrawn');
  await insertUse(tx, id, use.at, await recordChange(tx, change, 'approval.use'));
}

/**
 * A role is given for the unit of its first day: a person who is posted elsewhere meanwhile is another content. So is
 * another suspension than the one that was to end.
 */
async function contentOf(tx: Session, asked: AskedApproval): Promise<ApprovedContent> {
  if (asked.kind === 'reactivateStaff')
    return { ...asked, suspension: await latestSuspension(tx, asked.staffId) };
  if (asked.kind !== 'grantRole') return asked;
  return { ...asked, department: await unitOn(tx, asked.staffId, grantOf(asked).validFrom) };
}

function digestOf(content: ApprovedContent): ContentDigest {
  const { kind, staffId, role, department, validFrom, validTo, vaultPersonId, suspension } = content;
  const dated = { validFrom: validFrom ?? null, validTo: validTo ?? null };
  const members = { role: role ?? null, department: department ?? null, ...dated };
  const named = {
    ...(vaultPersonId !== undefined && { vaultPersonId }),
    ...(suspension !== undefined && { suspension }),
  };
  return contentDigest({ kind, staffId, ...members, ...named });
}

function grantOf({ role, validFrom, validTo }: AskedApproval): NewGrant {
  return { role: role as string, validFrom: validFrom as string, validTo };
}

function linkOf({ vaultPersonId, validFrom }: AskedApproval): VaultPersonLink {
  return { vaultPersonId: vaultPersonId as string, validFrom: validFrom as string };
}

async function assertNotAbout(tx: Session, change: RegisterChange, staffId: string): Promise<void> {
  await assertNotSelf(tx, change, (await accountNamed(tx, staffId)).personId);
}

/** Persons count, not accounts; a service account is no person at all. */
async function actingPerson(tx: Session, { actorId, at }: RegisterChange): Promise<ByAt> {
  const actor = await findAccount(tx, actorId);
  if (actor === undefined)
    throw new KuramoriError(
      'DUAL_CONTROL_REQUIRED',
      'Two persons decide this, and a service account is none. Sign in as yourself.',
    );
  return { by: actor.personId, at };
}
