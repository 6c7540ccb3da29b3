import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { isKuramoriError, type ErrorCode } from '../../kernel/errors.js';
import { assertApprovals } from '../approval/named.js';
import { operationRule, type VaultOperation } from '../assertion/operation.js';
import { openingNamed } from '../breakGlass/named.js';
import { reserveGlassUse } from '../breakGlass/use.js';
import { releaseBudget, reserveBudget, reserveBudgetIn } from '../budget/budget.js';
import { budgetLimitsOn } from '../budget/limits.js';
import type { VaultContext } from '../context.js';
import { assertNotErased } from '../erasure/erased.js';
import { grantFor } from '../grant/decide.js';
import { noteGrantUsed } from '../grant/grant.store.js';
import { assertInForce, assertZone, type Actor } from '../staff/person.js';
import { assertConsentStands } from '../refund/consented.js';
import { freshStepUp } from '../stepup/stepUp.js';
import { assertBasis } from './basis.store.js';
import type { Claimed } from './run.js';

/** An operation that may go on. */
export interface Permit {
  /** Gives the budget back: nothing was disclosed. */
  giveBack(): Promise<void>;
  /** Gives the budget back when an error shows that nothing was disclosed. */
  returnIf(error: unknown): Promise<void>;
  /** Notes that the grant was used, for the quarterly review. */
  used(): Promise<void>;
}

/** Operations that show nothing and change nothing that is there: the sign of the terminal is enough. */
const WITHOUT_STEP_UP: ReadonlySet<VaultOperation> = new Set<VaultOperation>([
  'stepUp',
  'status',
  'register',
  'push',
  'cancelPush',
  'recordConsent',
  'withdrawConsent',
  'viewRefundAccount',
  'confirmRefundPayment',
  'requestApproval',
  'openApproval',
  // No number is in them, and the audit officer's way through the gateway has nothing that reaches one.
  'evidence',
  'openAnalysis',
  'listBreakGlass',
]);

/**
 * Errors of an effect after which nobody has learned a number. A database that does not answer ends it without an
 * answer: whoever tries again and again while it is away must not spend the day's budget on nothing.
 */
const NOTHING_DISCLOSED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'ERASED',
  'DATABASE_UNAVAILABLE',
  'TIMEOUT',
]);

/**
 * Person → terminal → step-up → role and grant, or an opening in an emergency in its place → budget → purpose and
 * basis → consent → approvals → erasure, in the order of handbook 15 §5.
 * @throws KuramoriError of the first that refuses
 */
export async function permit(context: VaultContext, { assertion, actor, body }: Claimed): Promise<Permit> {
  const { database, clock } = context;
  const { op, purpose, ref } = assertion;
  const { person, terminal } = actor;
  const now = clock.now();
  const day = today(clock);
  assertInForce(actor, now);
  assertZone(terminal, op);
  if (!WITHOUT_STEP_UP.has(op)) {
    const wanted = { personId: person.personId, terminalId: terminal.terminalId, purpose };
    await freshStepUp(database, assertion.stepUp, wanted, now);
  }
  const { grantNeeded } = operationRule(op);
  const opening = openingNamed(assertion);
  const byGrant = grantNeeded && opening === undefined;
  const grant = byGrant ? await grantFor(database, person, purpose, op, day) : undefined;
  const giveBack =
    opening === undefined
      ? await reserve(context, { op, subjects: assertion.count, ...person })
      : await reserveGlassUse(context, { assertion, actor }, opening);
  try {
    if (grantNeeded) await assertBasis(database, assertion, day);
    await assertConsentStands(database, assertion, body);
    await assertApprovals(database, assertion, { by: person.personId, at: now });
    // A state tells of the erasure, to whoever lost its answer.
    if (ref !== undefined && op !== 'status') await assertNotErased(database, [ref]);
  } catch (error) {
    await giveBack();
    throw error;
  }
  return {
    giveBack,
    returnIf: async (error) => {
      if (isKuramoriError(error) && NOTHING_DISCLOSED.has(error.code)) await giveBack();
    },
    used: async () => {
      if (grant) await noteGrantUsed(database, grant, day);
    },
  };
}

/**
 * Draws on the person's lookups where an operation turns out to tell what a lookup tells.
 * @throws KuramoriError BUDGET_EXCEEDED
 */
export async function drawOnLookups(tx: Session, context: VaultContext, { person }: Actor): Promise<void> {
  const { budgetRules, clock } = context;
  const { personId, unit } = person;
  const asked = { personId, unit, kind: 'lookup' as const, subjects: 1 };
  await reserveBudgetIn(tx, asked, budgetLimitsOn(budgetRules, unit, today(clock)), clock.now());
}

interface Asked {
  readonly op: VaultOperation;
  readonly subjects: number;
  readonly personId: string;
  readonly unit: string;
}

/** @returns gives back what was drawn */
async function reserve(
  { database, budgetRules, clock }: VaultContext,
  { op, subjects, personId, unit }: Asked,
): Promise<() => Promise<void>> {
  const { budget: kind } = operationRule(op);
  if (kind === undefined) return async () => undefined;
  const limits = budgetLimitsOn(budgetRules, unit, today(clock));
  const asked = { personId, unit, kind, subjects };
  const reservation = await reserveBudget(database, asked, limits, clock.now());
  return () => releaseBudget(database, reservation);
}
