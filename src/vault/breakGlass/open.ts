import { z } from 'zod';
import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { REASON_CHARS_MAX, SEALED_CHARS_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { actingIn } from '../approval/approved.js';
import { consumeApproval } from '../approval/consume.js';
import { approvalNamed, openingContent } from '../approval/content.js';
import { requestApproval } from '../approval/request.js';
import { enteredWords } from '../entered.js';
import { personObstacle } from '../grant/grant.js';
import { assertBasis } from '../operation/basis.store.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { openInput } from '../operation/input.js';
import { VaultRefusal } from '../refusal.js';
import { assertEmployed } from '../staff/person.js';
import { requirePerson } from '../staff/staff.store.js';
import { assertPresent, breakGlassIdForm, openUntil, sealObstacle } from './breakGlass.js';
import { insertOpening, lastSeal, lockBreakGlass, type Seal } from './breakGlass.store.js';
import { isGlassCode } from './code.js';

const askForm = z.strictObject({ breakGlassId: breakGlassIdForm, reason: z.string() });
const openForm = askForm.extend({ code: z.string().max(SEALED_CHARS_MAX) });

/** Who could hold a grant may ask without one. @throws KuramoriError FORBIDDEN_PURPOSE */
export function assertMayAskOpening({ context, actor }: Pick<EffectCall, 'context' | 'actor'>): void {
  const obstacle = personObstacle(actor.person, today(context.clock));
  if (obstacle !== undefined) throw new VaultRefusal(obstacle);
}

/** Asks a second person, who is present, for an opening (緊急時利用の開封). */
export function askOpening(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { breakGlassId, reason: said } = readBody(askForm, body);
  const reason = enteredWords(said, 'reason', REASON_CHARS_MAX);
  const { purpose, basis, caseId } = assertion;
  const summary = { count: 1, purpose, basis, reason, sample: [breakGlassId, caseId] };
  const content = openingContent(assertion, { breakGlassId, reason });
  return requestApproval(tx, { kind: 'breakGlassOpening', content, summary }, requested);
}

/**
 * 緊急時利用の開封 (handbook 15 §6.4): breaks a seal, by its code and with a second person who has approved it within the
 * five minutes before. From its commit on the one who asked may have single numbers shown, without a grant, for an
 * hour. The completion is raised and commits with the opening; operators are told at once. Answers `{opening, until}`.
 * @throws KuramoriError FORBIDDEN_PURPOSE for a wrong code, a broken seal or a credential that waits for its review;
 *   DUAL_CONTROL_REQUIRED; ACCOUNT_REVOKED
 */
export async function openBreakGlass(call: EffectCall): Promise<Effect> {
  const { context, assertion, actor, body, trail } = call;
  const { breakGlassId, reason, code: sealed } = readBody(openForm, body);
  const code = await openInput(context, assertion, sealed, 'breakGlass');
  assertMayAskOpening(call);
  await assertBasis(context.database, assertion, today(context.clock));
  const { by: openedBy, at: openedAt } = actingIn(call);
  const until = openUntil(openedAt);
  const effect = await context.database.transaction('vault.breakGlass.open', async (tx) => {
    const approvalId = approvalNamed(assertion);
    await lockBreakGlass(tx, breakGlassId);
    const seal = sealToBreak(await lastSeal(tx, breakGlassId), breakGlassId, code);
    const content = openingContent(assertion, { breakGlassId, reason });
    const asked = { approvalId, kind: 'breakGlassOpening', content } as const;
    const { approvalId: openingId, decided } = await consumeApproval(tx, asked, {
      by: openedBy,
      at: openedAt,
    });
    assertPresent(decided, openedAt);
    assertEmployed(await requirePerson(tx, decided.by), today(context.clock));
    const { purpose, basis, caseId: caseRef } = assertion;
    await insertOpening(tx, {
      openingId,
      sealId: seal.id,
      openedBy,
      secondedBy: decided.by,
      terminalId: actor.terminal.terminalId,
      purpose,
      basis,
      caseRef,
      reason,
      openedAt,
      until,
    });
    const opened = `breakGlass:${openingId}:${breakGlassId}:seal:${seal.sealNo}:with:${decided.by}`;
    const completed = { rows: 1, subjects: [], reason: opened, raised: true } as const;
    const result = { opening: openingId, until: until.toString() };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
  const { opening } = effect.result;
  context.alarm?.({ opening, breakGlassId, openedBy, until: until.toString() }, 'break-glass was opened');
  return effect;
}

function sealToBreak(seal: Seal | undefined, breakGlassId: string, code: string): Seal {
  const isItsCode = seal !== undefined && isGlassCode(seal.codeDigest, breakGlassId, code);
  const obstacle = sealObstacle(seal, isItsCode);
  if (obstacle !== undefined) throw new VaultRefusal(obstacle);
  return seal as Seal;
}
