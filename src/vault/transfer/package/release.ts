import type { Session } from '../../../kernel/database/database.js';
import { dualControlRequired } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { approvedEffect } from '../../approval/approved.js';
import { consumeApproval } from '../../approval/consume.js';
import { readBody } from '../../operation/body.js';
import type { Effect, EffectCall } from '../../operation/effects.js';
import { requireCompletion, requireDraft } from '../draft/draft.store.js';
import { currentState, lockTransfer, moveState } from '../journal.js';
import { requireSetting } from '../setting/setting.store.js';
import { releaseContent, releaseForm, type ReleaseBody } from './content.js';
import { requireSealed } from './package.store.js';

/**
 * 移管データの搬出承認: lets a sealed package leave, by the way that two people approved. Answers `{packageId, state}`.
 */
export async function packageRelease(call: EffectCall): Promise<Effect> {
  const { context, assertion } = call;
  const body = readBody(releaseForm, call.body);
  return approvedEffect(call, 'vault.transfer.release', [], async ({ tx, approvalId, acting }) => {
    await lockTransfer(tx, body.packageId);
    await assertReleasable(tx, body);
    if (body.way === 'HTTPS') await assertReachable(tx, call, body.packageId);
    const content = releaseContent(assertion, body);
    await consumeApproval(tx, { approvalId, kind: 'packageRelease', content }, acting);
    const change = { by: acting.by, reason: `${body.way}:approval:${approvalId}` };
    await moveState(tx, context.clock, body.packageId, 'RELEASED', change);
    return { packageId: body.packageId, state: 'RELEASED' };
  });
}

/**
 * What is to be released is sealed, and is what was approved.
 * @throws KuramoriError NOT_FOUND, CONFLICT; DUAL_CONTROL_REQUIRED `otherContent`
 */
export async function assertReleasable(
  tx: Session,
  { packageId, draftDigest, ciphertextSha256 }: ReleaseBody,
): Promise<void> {
  const { state } = await currentState(tx, packageId);
  if (state !== 'SEALED')
    throw new KuramoriError('CONFLICT', `A package that is ${state} cannot be released; it must be SEALED.`, {
      state,
    });
  const { outer } = await requireSealed(tx, packageId);
  const completion = await requireCompletion(tx, packageId);
  if (outer.ciphertext.sha256 !== ciphertextSha256 || completion.draftDigest !== draftDigest)
    throw dualControlRequired('otherContent');
}

async function assertReachable(tx: Session, { context }: EffectCall, packageId: string): Promise<void> {
  const { recipient } = await requireDraft(tx, packageId);
  const { url } = await requireSetting(tx, context, 'recipient', recipient);
  if (url !== undefined) return;
  throw new KuramoriError(
    'CONFLICT',
    'The recipient has no address for packages by HTTPS. Release it on a medium.',
  );
}
