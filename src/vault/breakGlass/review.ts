import { z } from 'zod';
import { BREAK_GLASS_OUTCOMES } from '../../../schema/vault/breakGlass.js';
import { instantText } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { APPROVAL_SAMPLE_MAX, REASON_CHARS_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { actingIn } from '../approval/approved.js';
import { consumeApproval } from '../approval/consume.js';
import { approvalNamed, reviewContent } from '../approval/content.js';
import { requestApproval } from '../approval/request.js';
import { enteredWords } from '../entered.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { VaultRefusal } from '../refusal.js';
import type { VaultRole } from '../staff/person.js';
import { assertMayReview } from './breakGlass.js';
import { findOpening, insertReview, lockBreakGlass, type OpeningWithUses } from './breakGlass.store.js';

const form = z.strictObject({
  opening: z.string().regex(/^AP-[0-9a-f-]{36}$/),
  outcome: z.enum(BREAK_GLASS_OUTCOMES),
  finding: z.string(),
});
type Found = z.output<typeof form>;

/** Who reviews; the audit officer approves it. */
const REVIEWERS: ReadonlySet<VaultRole> = new Set<VaultRole>(['unitOfficer', 'chiefOfficer']);

/** @throws KuramoriError FORBIDDEN_PURPOSE */
export function assertMayAskReview({ actor }: Pick<EffectCall, 'actor'>): void {
  if (!REVIEWERS.has(actor.person.role)) throw new VaultRefusal('role');
}

/** Asks the audit officer to approve what an officer found, and shows him what was asked for under the opening. */
export async function askReview(tx: Session, call: EffectCall, requested: ByAt): Promise<ApprovalId> {
  const found = readFinding(call);
  const opening = await requireOpening(tx, found.opening);
  assertMayReview(opening, [requested.by], requested.at);
  const { purpose, basis } = call.assertion;
  const { openedBy, secondedBy, openedAt, caseRef, reason, uses } = opening;
  const summary = {
    count: Math.max(1, uses.length),
    purpose,
    basis,
    reason: found.finding,
    sample: [
      `${found.outcome} ${found.opening} by:${openedBy} with:${secondedBy} at:${openedAt.toString()}`,
      `case:${caseRef} ${reason}`,
      ...uses.map(({ ref, at, isReturned }) => `${ref} at:${at}${isReturned ? ' returned' : ''}`),
    ].slice(0, APPROVAL_SAMPLE_MAX),
  };
  const content = reviewContent(call.assertion, found);
  return requestApproval(tx, { kind: 'breakGlassReview', content, summary }, requested);
}

/**
 * 点検 (handbook 15 §6.3, §6.4): what two officers found who had no part in the opening, once it is over. From here on
 * the credential may be sealed anew. Answers `{opening, outcome}`.
 * @throws KuramoriError NOT_FOUND; CONFLICT; DUAL_CONTROL_REQUIRED; FORBIDDEN_PURPOSE
 */
export function reviewBreakGlass(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const found = readFinding(call);
  const { opening: openingId, outcome, finding } = found;
  assertMayAskReview(call);
  return context.database.transaction('vault.breakGlass.review', async (tx) => {
    await lockBreakGlass(tx, openingId);
    const opening = await requireOpening(tx, openingId);
    const acting = actingIn(call);
    const asked = { approvalId: approvalNamed(assertion), kind: 'breakGlassReview' } as const;
    const content = reviewContent(assertion, found);
    const { approvalId, decided } = await consumeApproval(tx, { ...asked, content }, acting);
    assertMayReview(opening, [acting.by, decided.by], acting.at);
    const people = { reviewedBy: acting.by, approvedBy: decided.by, approvalId };
    await insertReview(tx, openingId, {
      outcome,
      finding,
      ...people,
      reviewedAt: instantText(context.clock),
    });
    const reason = `breakGlass:${openingId}:${outcome}:approval:${approvalId}`;
    const completed = { rows: opening.uses.length, subjects: [], reason, raised: true } as const;
    const result = { opening: openingId, outcome };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}

function readFinding({ body }: Pick<EffectCall, 'body'>): Found {
  const found = readBody(form, body);
  return { ...found, finding: enteredWords(found.finding, 'finding', REASON_CHARS_MAX) };
}

async function requireOpening(session: Session, openingId: string): Promise<OpeningWithUses> {
  const opening = await findOpening(session, openingId);
  if (opening !== undefined) return opening;
  throw new KuramoriError('NOT_FOUND', 'There is no such opening. Look its number up in the list.');
}
