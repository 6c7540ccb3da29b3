import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { OPERATION_CLAIM_CHARS_MAX } from '../../kernel/limits.js';
import type { Assertion } from '../assertion/assertion.js';
import type { ApprovalId } from '../approval/approval.js';
import { approvedEffect } from '../approval/approved.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { placeHold, releaseHold, requestHold, requestHoldRelease } from './hold.js';
import { lockHold } from './hold.store.js';

const said = {
  /** 根拠, such as a lawsuit's number. */
  basis: z.string().min(1).max(OPERATION_CLAIM_CHARS_MAX),
  reason: z.string(),
};
const holdForm = z.strictObject(said);
const releaseForm = z.strictObject({
  ...said,
  holdId: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt),
});

/** 消去保留. Answers `{holdId}`. */
export function hold(call: EffectCall): Promise<Effect> {
  const asked = holdOf(call.assertion, call.body);
  return approvedEffect(call, 'vault.hold', [asked.ref], async ({ tx, approvalId, acting }) => ({
    holdId: String(await placeHold(tx, asked, approvalId, acting)),
  }));
}

/** 保留解除. Answers `{holdId}`. */
export function endHold(call: EffectCall): Promise<Effect> {
  const { ref, ...asked } = releaseOf(call.assertion, call.body);
  return approvedEffect(call, 'vault.releaseHold', [ref], async ({ tx, approvalId, acting }) => {
    await assertHoldOf(tx, asked.holdId, ref);
    await releaseHold(tx, asked, approvalId, acting);
    return { holdId: String(asked.holdId) };
  });
}

/** Asks a second person for what {@link hold} does. */
export function askHold(tx: Session, { assertion, body }: EffectCall, requested: ByAt): Promise<ApprovalId> {
  return requestHold(tx, holdOf(assertion, body), requested);
}

/** Asks a second person for what {@link endHold} does. */
export async function askHoldEnd(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { ref, ...asked } = releaseOf(assertion, body);
  await assertHoldOf(tx, asked.holdId, ref);
  return requestHoldRelease(tx, asked, requested);
}

function holdOf(assertion: Assertion, body: unknown) {
  return { ref: subjectRef(assertion), purpose: assertion.purpose, ...readBody(holdForm, body) };
}

function releaseOf(assertion: Assertion, body: unknown) {
  return { ref: subjectRef(assertion), purpose: assertion.purpose, ...readBody(releaseForm, body) };
}

/** The hold is one of the number that was signed: otherwise the log would name another. */
async function assertHoldOf(tx: Session, holdId: bigint, ref: VaultRef): Promise<void> {
  if ((await lockHold(tx, holdId))?.ref === ref) return;
  throw new KuramoriError('NOT_FOUND', 'The number has no such hold. Check the number of the hold.');
}
