import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { USED_ASSERTION_KEPT_MS } from '../../kernel/limits.js';
import { VaultRefusal } from '../refusal.js';
import { subjectsText, type Assertion } from './assertion.js';
import { operationRule } from './operation.js';
import { findUsed, insertUsed, updateOutcome } from './used.store.js';

/** 使用済みの操作認証: the one use of an assertion. */
export interface UsedAssertion {
  readonly jti: string;
  readonly bodyDigest: string;
  readonly op: string;
  readonly subjects: string;
  readonly personId: string;
  readonly requestId: string;
  /** `unknown` until the effect has ended. */
  readonly outcome: 'unknown' | 'done' | 'refused';
  /** JSON; what may be told again. */
  readonly result: unknown;
}

/** What an earlier use of the same assertion came to: nothing is done again. */
export interface EarlierAnswer {
  readonly outcome: 'done' | 'refused';
  readonly result: unknown;
  /** Request id of the use that did it. */
  readonly requestId: string;
}

/**
 * Takes an assertion as used (handbook 15 §5): BEFORE any effect, and outside a transaction, so that a use is a use
 * whatever comes after. Kept until the end of the assertion and 24 hours more.
 * @returns nothing for the first use; the earlier answer when the very same operation has ended, unless its answer is
 *   told only once: `reveal`, `resolve`, `attachToDocument`, `stepUp`
 * @throws KuramoriError REPLAY_DETECTED; facts `{requestId}` of the first use for the same person only, and
 *   `{statusOperation}` while the outcome is not known
 */
export async function claimJti(
  session: Session,
  assertion: Assertion,
  requestId: string,
): Promise<EarlierAnswer | undefined> {
  const { jti, bodyDigest, op, personId } = assertion;
  const use = { jti, bodyDigest, op, subjects: subjectsText(assertion), personId, requestId };
  if (await insertUsed(session, use, keptUntil(assertion))) return undefined;
  const earlier = await findUsed(session, jti);
  // Removed in between: it was kept longer than any assertion lives, so that this one is a replay all the same.
  if (earlier === undefined) throw new VaultRefusal('replay-other');
  return earlierAnswer(earlier, assertion);
}

/** What a second use of a `jti` is told. Pure. @throws KuramoriError REPLAY_DETECTED */
export function earlierAnswer(earlier: UsedAssertion, assertion: Assertion): EarlierAnswer {
  const { outcome, result, requestId } = earlier;
  const known = earlier.personId === assertion.personId ? { requestId } : {};
  if (!isSameOperation(earlier, assertion)) throw new VaultRefusal('replay-other', known);
  if (operationRule(assertion.op).toldOnce) throw new VaultRefusal('replay-shown', known);
  if (outcome === 'unknown')
    throw new VaultRefusal('replay-unsettled', { ...known, statusOperation: 'status' });
  return { outcome, result, requestId };
}

/**
 * Writes what an operation came to. The result of an operation that is told only once is not kept, whatever is handed
 * in: a number is never shown from a store.
 * @param result what may be told again, as JSON
 * @throws KuramoriError INTERNAL when the assertion was never claimed or is settled already
 */
export async function settleJti(
  session: Session,
  { jti, op }: Pick<Assertion, 'jti' | 'op'>,
  outcome: 'done' | 'refused',
  result?: unknown,
): Promise<void> {
  const kept = result === undefined || operationRule(op).toldOnce ? null : JSON.stringify(result);
  if (await updateOutcome(session, jti, outcome, kept)) return;
  throw new KuramoriError('INTERNAL', 'A use of an assertion was settled twice, or before it was claimed.');
}

function keptUntil({ expiresAt }: Assertion): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(expiresAt * 1000 + USED_ASSERTION_KEPT_MS);
}

function isSameOperation(earlier: UsedAssertion, assertion: Assertion): boolean {
  return (
    earlier.bodyDigest === assertion.bodyDigest &&
    earlier.op === assertion.op &&
    earlier.subjects === subjectsText(assertion) &&
    earlier.personId === assertion.personId
  );
}
