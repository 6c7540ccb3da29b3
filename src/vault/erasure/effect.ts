import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { isKuramoriError, KuramoriError, type ErrorCode } from '../../kernel/errors.js';
import { ERASURE_REFS_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { usedReason } from '../approval/approved.js';
import { approvalNamed } from '../approval/content.js';
import type { Assertion } from '../assertion/assertion.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRefs } from '../operation/subjects.js';
import { RETENTION_CLASSES } from '../retention/rule.js';
import type { ErasureCertificate } from './certificate.store.js';
import { executeErasure, type ErasureExecution } from './execute.js';
import type { ErasureOrder } from './order.js';
import { requestErasure } from './request.js';
import { erasureContextOf } from './running.js';

const form = z.strictObject({
  refs: z.array(z.custom<VaultRef>(isVaultRef)).min(1).max(ERASURE_REFS_MAX).optional(),
  fileName: z.string(),
  basis: z.string(),
  retentionClass: z.enum(RETENTION_CLASSES).optional(),
  reason: z.string(),
});

/** Errors of an erasure of which nothing has begun. */
const NOTHING_BEGUN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_INPUT',
  'DUAL_CONTROL_REQUIRED',
  'NOT_FOUND',
  'ERASED',
  'RETENTION_HOLD',
  'CONFLICT',
]);

/** An erasure met an error on its way: it has begun, and goes on by itself, or when the vault is opened next. */
export class ErasureBegun extends KuramoriError {}

/** 消去. Answers `{certificate: {certificateId, signed, issuedAt}}`: the signed certificate is part of the answer. */
export async function erase(call: EffectCall): Promise<Effect> {
  const { assertion, actor, intent } = call;
  const order = orderOf(assertion, call.body);
  const approvalId = approvalNamed(assertion);
  const executedBy = actor.person.personId;
  const certificate = await carriedOut(call, { order, approvalId, executedBy, intentEntry: BigInt(intent) });
  const { refs } = order;
  return { rows: refs.length, subjects: refs, reason: usedReason(approvalId), result: { certificate } };
}

/** Asks a second person for what {@link erase} does. */
export function askErasure(
  tx: Session,
  { context, assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  return requestErasure(tx, erasureContextOf(context).openWork, orderOf(assertion, body), requested);
}

async function carriedOut({ context }: EffectCall, execution: ErasureExecution): Promise<ErasureCertificate> {
  const erasureContext = erasureContextOf(context);
  try {
    return await executeErasure(erasureContext, execution);
  } catch (error) {
    if (!isKuramoriError(error) || NOTHING_BEGUN.has(error.code)) throw error;
    throw new ErasureBegun(error.code, error.message, error.facts, { cause: error });
  }
}

function orderOf(assertion: Assertion, body: unknown): ErasureOrder {
  const { refs, retentionClass, ...told } = readBody(form, body);
  return {
    ...told,
    ...(retentionClass !== undefined && { retentionClass }),
    refs: subjectRefs(assertion, refs),
    purpose: assertion.purpose,
  };
}
