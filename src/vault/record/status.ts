import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { APPROVAL_SAMPLE_MAX, OPERATION_REFS_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { approvedEffect } from '../approval/approved.js';
import { consumeApproval } from '../approval/consume.js';
import { severalContent } from '../approval/content.js';
import { requestApproval } from '../approval/request.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRefs } from '../operation/subjects.js';

const refs = z.array(z.custom<VaultRef>(isVaultRef)).max(OPERATION_REFS_MAX).optional();
const form = z.strictObject({ refs });
const askForm = z.strictObject({ refs, reason: z.string() });

/**
 * 状態照会: what is known of references without opening anything. Of more than one it needs a second person, as every
 * operation over several subjects does (handbook 15 §6.3). Alone it refuses no erased number: it tells that it is one.
 * Answers `{states: [{ref, state, supersededBy, held}]}`.
 */
export async function status(call: EffectCall): Promise<Effect> {
  const { context, assertion } = call;
  const asked = subjectRefs(assertion, readBody(form, call.body).refs);
  if (asked.length === 1)
    return { rows: 1, subjects: asked, result: { states: await statesOf(context.database, asked) } };
  return approvedEffect(call, 'vault.status', asked, async ({ tx, approvalId, acting }) => {
    const content = severalContent(assertion, 'status', asked);
    await consumeApproval(tx, { approvalId, kind: 'severalSubjects', content }, acting);
    return { states: await statesOf(tx, asked) };
  });
}

/** Asks a second person for the states of several numbers. */
export function askStatus(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { refs: named, reason } = readBody(askForm, body);
  const asked = subjectRefs(assertion, named);
  const { purpose, basis } = assertion;
  const sample = asked.toSorted().slice(0, APPROVAL_SAMPLE_MAX);
  return requestApproval(
    tx,
    {
      kind: 'severalSubjects',
      content: severalContent(assertion, 'status', asked),
      summary: { count: asked.length, purpose, basis, reason, sample },
    },
    requested,
  );
}

async function statesOf(session: Session, asked: readonly VaultRef[]) {
  const rows = await session.run(
    'vault.record.states',
    ({ raw }) => raw<{ ref: VaultRef; state: string; held: boolean; supersededBy: VaultRef | null }[]>`
    select asked.ref, coalesce(n.state, 'unknown') as state, n.superseded_by as "supersededBy",
      exists (select from vault.hold h where h.vault_ref = asked.ref and h.released_at is null) as held
    from unnest(${[...asked]}::text[]) with ordinality as asked (ref, place)
    left join vault.number n on n.vault_ref = asked.ref order by asked.place`,
  );
  return [...rows];
}
