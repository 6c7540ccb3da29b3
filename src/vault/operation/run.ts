import { isKuramoriError, KuramoriError, type ErrorCode } from '../../kernel/errors.js';
import { readAssertion, type Assertion } from '../assertion/assertion.js';
import { authenticate } from '../assertion/authenticate.js';
import { assertBody } from '../assertion/digest.js';
import { claimJti, settleJti, type EarlierAnswer } from '../assertion/used.js';
import type { Answer, OperationDone, OperationRefused, OperationRequest } from '../client/wire.js';
import type { VaultContext } from '../context.js';
import { ErasureBegun } from '../erasure/effect.js';
import { refusedAnswer } from '../http/answer.js';
import type { Actor, VaultRole } from '../staff/person.js';
import { noteAuthenticatorUse } from './authenticator.js';
import { effectOf, type Effect } from './effects.js';
import { permit, type Permit } from './permit.js';
import { Trail } from './trail.js';
import type { Watch } from './watch.js';

/**
 * Runs one operation in the order of handbook 15 §5: service → shape → signature → audience → time → `jti` → counter of
 * an authenticator → person → step-up → role → grant → budget → purpose and basis → consent → approvals → erasure
 * state → intent durable → effect → completion durable → reply. The first refusal ends it, and is an entry of the log
 * like everything else.
 * @throws KuramoriError AUDIT_UNAVAILABLE: nothing may be said when the log cannot say it
 */
export async function runOperation(
  context: VaultContext,
  request: OperationRequest,
  service: string,
  watch: Watch,
): Promise<Answer> {
  const trail = new Trail(context, request, service, watch);
  try {
    context.clockGuard.assertTrusted();
    const assertion = readAssertion(request.assertion);
    trail.asserts(assertion);
    const actor = await authenticate(context, assertion);
    trail.acts(actor);
    assertBody(assertion, request.body);
    const earlier = await claimJti(context.database, assertion, request.requestId);
    if (earlier) return await toldAgain(trail, earlier);
    const { assertion: token, body } = request;
    return await runClaimed(context, trail, { token, assertion, actor, body });
  } catch (error) {
    return refused(trail, error);
  }
}

/** An operation whose assertion is genuine and was taken as used. */
export interface Claimed {
  /** The assertion as it was signed. */
  readonly token: string;
  readonly assertion: Assertion;
  readonly actor: Actor;
  readonly body: unknown;
}

async function runClaimed(context: VaultContext, trail: Trail, claimed: Claimed): Promise<OperationDone> {
  try {
    await noteAuthenticatorUse(context.database, trail, claimed);
    const permitted = await permit(context, claimed);
    const effect = await takeEffect(context, trail, claimed, permitted);
    await settleJti(context.database, claimed.assertion, 'done', effect.result);
    await permitted.used();
    return { outcome: 'done', result: effect.result, entry: effect.entry };
  } catch (error) {
    const told = toldTo(claimed.actor, error);
    if (isDecided(told)) await settleRefused(context, claimed.assertion, told);
    throw told;
  }
}

const OFFICERS: ReadonlySet<VaultRole> = new Set<VaultRole>(['unitOfficer', 'chiefOfficer', 'auditOfficer']);

/** The number of a certificate of erasure is for officers (handbook 15 §10). */
function toldTo({ person }: Actor, error: unknown): unknown {
  if (!isKuramoriError(error, 'ERASED') || OFFICERS.has(person.role)) return error;
  return new KuramoriError('ERASED', error.message, {}, { cause: error });
}

/** Should it fail, the assertion stays used without an outcome, and the refusal is told and logged as what it is. */
async function settleRefused(
  { database }: VaultContext,
  assertion: Assertion,
  error: KuramoriError,
): Promise<void> {
  const { error: told } = refusedAnswer(error);
  await settleJti(database, assertion, 'refused', told).catch(() => undefined);
}

async function takeEffect(
  context: VaultContext,
  trail: Trail,
  claimed: Claimed,
  permitted: Permit,
): Promise<Effect & { readonly entry: string }> {
  const intent = await intended(trail, permitted);
  try {
    const effect = await effectOf(claimed.assertion.op)({ context, trail, intent, ...claimed });
    return { ...effect, entry: effect.entry ?? (await trail.completes(effect)) };
  } catch (error) {
    await permitted.returnIf(error);
    throw error;
  }
}

/** @throws KuramoriError AUDIT_UNAVAILABLE: the effect does not begin, so that the budget is not spent on it */
async function intended(trail: Trail, permitted: Permit): Promise<string> {
  try {
    return await trail.intends();
  } catch (error) {
    await permitted.giveBack();
    throw error;
  }
}

/** Errors after which it is known that nothing was done; after any other the outcome of the assertion stays open. */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AUDIT_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
  'DATABASE_ERROR',
  'TIMEOUT',
  'INTERNAL',
]);

function isDecided(error: unknown): error is KuramoriError {
  return isKuramoriError(error) && !UNDECIDED.has(error.code) && !(error instanceof ErasureBegun);
}

/** What the same assertion came to before. Nothing is done again; the log says that it was asked again. */
async function toldAgain(trail: Trail, earlier: EarlierAnswer): Promise<Answer> {
  const entry = await trail.repeats();
  if (earlier.outcome === 'done') return { outcome: 'done', result: earlier.result, entry, replayed: true };
  return { outcome: 'refused', error: earlier.result as OperationRefused['error'], entry };
}

async function refused(trail: Trail, error: unknown): Promise<OperationRefused> {
  if (isKuramoriError(error, 'AUDIT_UNAVAILABLE')) throw error;
  const entry = await trail.refuses(error);
  if (!isKuramoriError(error)) throw defect(error);
  return { ...refusedAnswer(error), entry };
}

function defect(cause: unknown): KuramoriError {
  return new KuramoriError(
    'INTERNAL',
    'The operation met a defect of the vault. Report the request id.',
    {},
    { cause },
  );
}
