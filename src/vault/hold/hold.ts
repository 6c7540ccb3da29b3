import type { Session } from '../../kernel/database/database.js';
import type { ApprovalContent, ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import type { ApprovalId } from '../approval/approval.js';
import { consumeApproval } from '../approval/consume.js';
import { requestApproval } from '../approval/request.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { endHold, insertHold, lockHold } from './hold.store.js';

/** 消去保留: why a number must not be erased for now. */
export interface NewHold {
  readonly ref: VaultRef;
  /** In the person's own words. */
  readonly reason: string;
  readonly purpose: string;
  /** 根拠, such as a lawsuit's number. */
  readonly basis: string;
}

/** What is said to end a hold. */
export interface HoldRelease {
  readonly holdId: bigint;
  readonly reason: string;
  readonly purpose: string;
  readonly basis: string;
}

/**
 * Asks a second person for a hold.
 * @throws KuramoriError BAD_INPUT, NOT_FOUND, ERASED
 */
export async function requestHold(tx: Session, hold: NewHold, requested: ByAt): Promise<ApprovalId> {
  await lockHoldable(tx, hold.ref);
  return requestApproval(
    tx,
    {
      kind: 'hold',
      content: holdContent(hold),
      summary: { ...shownOf(hold), sample: [hold.ref] },
    },
    requested,
  );
}

/**
 * Places the hold that a second person has approved.
 * @returns the hold's number
 * @throws KuramoriError DUAL_CONTROL_REQUIRED, BAD_INPUT, NOT_FOUND, ERASED
 */
export async function placeHold(
  tx: Session,
  hold: NewHold,
  approvalId: string,
  placed: ByAt,
): Promise<bigint> {
  const content = holdContent(hold);
  const { decided } = await consumeApproval(tx, { approvalId, kind: 'hold', content }, placed);
  await lockHoldable(tx, hold.ref);
  return insertHold(tx, hold.ref, enteredWords(hold.reason, 'reason', REASON_CHARS_MAX), placed, decided.by);
}

/**
 * Asks a second person to let a hold end.
 * @throws KuramoriError BAD_INPUT, NOT_FOUND, CONFLICT when it has ended
 */
export async function requestHoldRelease(
  tx: Session,
  release: HoldRelease,
  requested: ByAt,
): Promise<ApprovalId> {
  const ref = await lockStanding(tx, release.holdId);
  return requestApproval(
    tx,
    {
      kind: 'releaseHold',
      content: releaseContent(release),
      summary: { ...shownOf(release), sample: [ref] },
    },
    requested,
  );
}

/**
 * Ends the hold, as a second person has approved.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED, BAD_INPUT, NOT_FOUND, CONFLICT when it has ended
 */
export async function releaseHold(
  tx: Session,
  release: HoldRelease,
  approvalId: string,
  released: ByAt,
): Promise<void> {
  const content = releaseContent(release);
  const { decided } = await consumeApproval(tx, { approvalId, kind: 'releaseHold', content }, released);
  await lockStanding(tx, release.holdId);
  await endHold(tx, release.holdId, released, decided.by);
}

function holdContent({ ref, reason, purpose, basis }: NewHold): ApprovalContent {
  return { op: 'hold', ref, reason, purpose, basis };
}

function releaseContent({ holdId, reason, purpose, basis }: HoldRelease): ApprovalContent {
  return { op: 'releaseHold', holdId: String(holdId), reason, purpose, basis };
}

function shownOf({ reason, purpose, basis }: Pick<NewHold, 'reason' | 'purpose' | 'basis'>) {
  return { count: 1, reason, purpose, basis };
}

/** The row is locked against an erasure that is being started: one of the two comes first and the other sees it. */
async function lockHoldable(tx: Session, ref: VaultRef): Promise<void> {
  await lockNumbers(tx, [ref]);
  await assertNotErased(tx, [ref]);
}

async function lockStanding(tx: Session, holdId: bigint): Promise<VaultRef> {
  const hold = await lockHold(tx, holdId);
  if (hold === undefined) throw new KuramoriError('NOT_FOUND', 'There is no such hold. Check its number.');
  if (hold.ended) throw new KuramoriError('CONFLICT', 'The hold has ended already.');
  return hold.ref;
}
