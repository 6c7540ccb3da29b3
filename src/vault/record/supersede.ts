import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { ApprovalContent, ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { OPERATION_CLAIM_CHARS_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { approvedEffect } from '../approval/approved.js';
import { consumeApproval } from '../approval/consume.js';
import { requestApproval } from '../approval/request.js';
import type { Assertion } from '../assertion/assertion.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { readLinks, writeLink, type ChainLink } from './supersede.store.js';

const form = z.strictObject({
  /** The new number, which is registered already. */
  supersededBy: z.custom<VaultRef>(isVaultRef),
  basis: z.string().min(1).max(OPERATION_CLAIM_CHARS_MAX),
  reason: z.string(),
});

/** 番号変更 of one person: the old number, and the new one that came after it. */
interface Change extends z.output<typeof form> {
  readonly ref: VaultRef;
  readonly purpose: string;
}

/**
 * 番号変更 (番号法 7条2項; handbook 10 §2): the old number is refused for new work from now on and names the new one; it
 * stays for what was done with it until it is erased on its own schedule. Answers `{ref, supersededBy}`.
 */
export function supersede(call: EffectCall): Promise<Effect> {
  const change = changeOf(call.assertion, call.body);
  const { ref, supersededBy } = change;
  return approvedEffect(call, 'vault.supersede', [ref, supersededBy], async ({ tx, approvalId, acting }) => {
    await consumeApproval(tx, { approvalId, kind: 'supersede', content: contentOf(change) }, acting);
    await lockChain(tx, change);
    await writeLink(tx, { ref, supersededBy, at: acting.at.toString() });
    return { ref, supersededBy };
  });
}

/** Asks a second person for what {@link supersede} does. */
export async function askSupersede(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const change = changeOf(assertion, body);
  await lockChain(tx, change);
  const { ref, supersededBy, purpose, basis, reason } = change;
  const summary = { count: 1, purpose, basis, reason, sample: [ref, supersededBy] };
  return requestApproval(tx, { kind: 'supersede', content: contentOf(change), summary }, requested);
}

function changeOf(assertion: Assertion, body: unknown): Change {
  return { ref: subjectRef(assertion), purpose: assertion.purpose, ...readBody(form, body) };
}

function contentOf({ ref, supersededBy, reason, purpose, basis }: Change): ApprovalContent {
  return { op: 'supersede', ref, supersededBy, reason, purpose, basis };
}

/**
 * Locks both numbers and refuses what would be no chain of one person.
 * @throws KuramoriError NOT_FOUND, ERASED, CONFLICT
 */
async function lockChain(tx: Session, { ref, supersededBy }: Change): Promise<void> {
  if (ref === supersededBy) throw conflict('A number cannot come after itself.');
  await lockNumbers(tx, [ref, supersededBy]);
  await assertNotErased(tx, [ref, supersededBy]);
  const links = await readLinks(tx, [ref, supersededBy]);
  const [old, next] = [linkOf(links, ref), linkOf(links, supersededBy)];
  if (old.state !== 'active') throw conflict('The number was replaced already.');
  if (next.state !== 'active') throw conflict('The number that is to come after it was replaced itself.');
  // One number comes after one: two people would become one.
  if (next.succeeds) throw conflict('The number that is to come after it came after another already.');
  const [before, after] = [old.unifiedAddresseeNo, next.unifiedAddresseeNo];
  if (before !== null && after !== null && before !== after)
    throw conflict('The two numbers are registered for two addressees.');
}

function linkOf(links: readonly ChainLink[], ref: VaultRef): ChainLink {
  return links.find((link) => link.ref === ref) as ChainLink;
}

function conflict(fault: string): KuramoriError {
  return new KuramoriError('CONFLICT', `${fault} Check both references.`);
}
