import { z } from 'zod';
import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { askOpening, assertMayAskOpening } from '../breakGlass/open.js';
import { askReview, assertMayAskReview } from '../breakGlass/review.js';
import { askErasure } from '../erasure/effect.js';
import { grantFor } from '../grant/decide.js';
import { askHold, askHoldEnd } from '../hold/effects.js';
import { askDestruction } from '../keys/askDestruction.js';
import { assertBasis } from '../operation/basis.store.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { askComparison } from '../refund/paymentFile/compare.js';
import { askJournalComparison, assertMayAskJournalComparison } from '../refund/paymentFile/compareJournal.js';
import { assertJournalCompared, assertNotRebuilder } from '../refund/paymentFile/rebuilt.js';
import { askSwitch } from '../provision/switch.js';
import { askPaymentFile } from '../refund/paymentFile/ask.js';
import { askRegistration } from '../record/askRegistration.js';
import { askStatus } from '../record/status.js';
import { askSupersede } from '../record/supersede.js';
import { askTaskEnd, askTaskResumption } from '../retention/effects.js';
import { VaultRefusal } from '../refusal.js';
import { askAssembly, askRelease } from '../transfer/package/ask.js';
import { askSetting, assertMayAskSetting } from '../transfer/setting/enter.js';
import type { Completed } from '../operation/trail.js';
import type { Approval, ApprovalId, ApprovalKind } from './approval.js';
import { lockedApproval } from './approval.store.js';
import { actingIn } from './approved.js';
import { assertMayDecide, lockApprover } from './approver.js';
import { approve, refuse } from './decide.js';
import { openApproval as openRequest } from './request.js';

/** Makes the request of one operation from the body that the operation itself takes later. */
type Ask = (tx: Session, call: EffectCall, requested: ByAt) => Promise<ApprovalId>;

/** Operations that two people decide, and that are offered. */
const ASKED = {
  supersede: askSupersede,
  hold: askHold,
  releaseHold: askHoldEnd,
  erase: askErasure,
  status: askStatus,
  endTask: askTaskEnd,
  resumeTask: askTaskResumption,
  register: askRegistration,
  destroyKey: askDestruction,
  packageAssemble: askAssembly,
  packageRelease: askRelease,
  transferSetting: askSetting,
  paymentFile: askPaymentFile,
  paymentCompared: askComparison,
  paymentJournalCompared: askJournalComparison,
  switchProvision: askSwitch,
  openBreakGlass: askOpening,
  reviewBreakGlass: askReview,
} as const satisfies Record<string, Ask>;

/** What is looked at besides when one is approved. */
const BEFORE_APPROVAL: Partial<Record<ApprovalKind, (tx: Session, approver: string) => Promise<void>>> = {
  paymentFile: assertJournalCompared,
  paymentJournalCompared: assertNotRebuilder,
};

const requestForm = z.strictObject({
  op: z.enum(Object.keys(ASKED) as [keyof typeof ASKED, ...(keyof typeof ASKED)[]]),
  /** The body of that operation. */
  body: z.unknown(),
});
const approvalId = z.string().regex(/^AP-[0-9a-f-]{36}$/);
const openForm = z.strictObject({ approvalId });
const decideForm = z.strictObject({
  approvalId,
  /** Of what he was shown: he signs for this content and no other. */
  contentDigest: z.string(),
  decision: z.enum(['approve', 'refuse']),
});

/**
 * 承認依頼: asks a second person for an operation, with the body and the subjects that it will have; its digest is worked
 * out here and again when it is done. By whoever could do the operation. Answers `{approvalId}`.
 */
export async function requestApproval(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const { op, body } = readBody(requestForm, call.body);
  const day = today(context.clock);
  await assertMayAsk(call, op, day);
  await assertBasis(context.database, assertion, day);
  return context.database.transaction('vault.approval.request', async (tx) => {
    const id = await ASKED[op](tx, { ...call, body }, actingIn(call));
    const subjects = assertion.ref === undefined ? [] : [assertion.ref];
    const completed = { rows: 0, subjects, reason: `requested:${op}:${id}` };
    return { ...completed, result: { approvalId: id }, entry: await trail.completesIn(tx, completed) };
  });
}

/**
 * No grant reaches a key or a setting: a destruction is asked for by a 鍵管理者, a setting of transfers by an officer,
 * who then does it on the vault's host. A payment file has no operation of its own either: who may pay asks for it.
 * That the bank was asked after the journal was made anew is an officer's word, and so is what a review found. An
 * opening in an emergency goes past grants.
 */
async function assertMayAsk(
  { context, assertion, actor }: EffectCall,
  op: keyof typeof ASKED,
  day: IsoDate,
): Promise<void> {
  if (op === 'transferSetting') {
    assertMayAskSetting({ actor });
  } else if (op === 'paymentJournalCompared') {
    assertMayAskJournalComparison({ actor });
  } else if (op === 'openBreakGlass') {
    assertMayAskOpening({ context, actor });
  } else if (op === 'reviewBreakGlass') {
    assertMayAskReview({ actor });
  } else if (op !== 'destroyKey') {
    const granted = op === 'paymentFile' || op === 'paymentCompared' ? 'takeRefundAccount' : op;
    await grantFor(context.database, actor.person, assertion.purpose, granted, day);
  } else if (actor.person.role !== 'keyCustodian') {
    throw new VaultRefusal('role');
  }
}

/**
 * 内容確認: shows an approver what is asked. Answers `{approvalId, kind, contentDigest, summary, requestedBy,
 * requestedAt}`.
 */
export function openApproval(call: EffectCall): Promise<Effect> {
  const asked = readBody(openForm, call.body);
  return onRequest(call, asked.approvalId, async (tx) => {
    const { kind, contentDigest, summary, requested } = await openRequest(
      tx,
      asked.approvalId,
      actingIn(call),
    );
    const result = {
      ...asked,
      kind,
      contentDigest,
      summary,
      requestedBy: requested.by,
      requestedAt: requested.at.toString(),
    };
    return { rows: 0, subjects: [], reason: `opened:${asked.approvalId}`, result };
  });
}

/** 承認・否認. Answers `{approvalId, state}`. */
export function decideApproval(call: EffectCall): Promise<Effect> {
  const { approvalId: id, contentDigest, decision } = readBody(decideForm, call.body);
  return onRequest(call, id, async (tx, approval) => {
    if (approval.contentDigest !== contentDigest)
      throw new KuramoriError('CONFLICT', 'The request is not the one that was shown. Open it again.');
    if (decision === 'approve') await BEFORE_APPROVAL[approval.kind]?.(tx, actingIn(call).by);
    const decide = decision === 'approve' ? approve : refuse;
    const { state } = await decide(tx, id, actingIn(call));
    return { rows: 0, subjects: [], reason: `${state}:${id}`, result: { approvalId: id, state } };
  });
}

/** Work of an approver on a request, with its entry in one transaction. */
async function onRequest(
  { context, assertion, actor, trail }: EffectCall,
  id: string,
  work: (tx: Session, approval: Approval) => Promise<Completed & { readonly result: unknown }>,
): Promise<Effect> {
  return context.database.transaction('vault.approval.work', async (tx) => {
    const person = await lockApprover(tx, actor.person.personId);
    const approval = await lockedApproval(tx, id);
    await assertMayDecide(tx, approval, { person, purpose: assertion.purpose }, today(context.clock));
    const { result, ...completed } = await work(tx, approval);
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}
