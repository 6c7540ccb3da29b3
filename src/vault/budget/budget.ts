import type { Database, Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { VaultRefusal } from '../refusal.js';
import { deleteUse, insertUse, lockBudgets, spentOf, usesOfHour, type BudgetOf } from './budget.store.js';
import type { BudgetLimits } from './limits.js';
import { capacityReturnsAt, exceeded } from './window.js';

/** What is about to be shown or looked for. */
export interface BudgetAsked extends BudgetOf {
  /** Subjects, at least one; all of them or none. */
  readonly subjects: number;
}

/** A reservation, for the case that the effect provably did not happen. */
export interface Reservation {
  readonly id: bigint;
}

/**
 * Draws on the budgets of a person and a unit, BEFORE the effect (handbook 15 §6.5): after this has returned, the
 * subjects count. All who draw on one budget go one after another, so that the limit holds however many ask at once.
 * @throws KuramoriError BUDGET_EXCEEDED, facts `{capacityReturnsAt}` unless so many never fit
 * @example
 * const reserved = await reserveBudget(database, { personId, unit, kind: 'reveal', subjects: 1 }, limits, now);
 */
export async function reserveBudget(
  database: Database,
  asked: BudgetAsked,
  limits: BudgetLimits,
  now: Temporal.Instant,
): Promise<Reservation> {
  return database.transaction('vault.budget', (tx) => reserveBudgetIn(tx, asked, limits, now));
}

/** As `reserveBudget`, in a transaction of the caller, READ COMMITTED, whose end frees the budget for the next. */
export async function reserveBudgetIn(
  tx: Session,
  asked: BudgetAsked,
  limits: BudgetLimits,
  now: Temporal.Instant,
): Promise<Reservation> {
  if (!Number.isSafeInteger(asked.subjects) || asked.subjects < 1)
    throw new KuramoriError('INTERNAL', 'A budget was asked for a count that is no count of subjects.');
  await lockBudgets(tx, asked);
  const rules = exceeded(asked.kind, asked.subjects, await spentOf(tx, asked, now), limits);
  const [rule] = rules;
  if (rule === undefined) return { id: await insertUse(tx, asked, asked.subjects, now) };
  const dayEnds = rules.some((each) => each !== 'budget-person-hour');
  const hourLimit = asked.kind === 'reveal' ? limits.revealsPersonHour : limits.lookupsPersonHour;
  const uses = await usesOfHour(tx, asked, now);
  const returns = fitsInDay(asked, limits)
    ? capacityReturnsAt(now, asked.subjects, uses, hourLimit, dayEnds)
    : undefined;
  throw new VaultRefusal(rule, returns === undefined ? {} : { capacityReturnsAt: returns.toString() });
}

/**
 * Gives a reservation back. Only when the effect provably did not happen; when in doubt, the subjects stay counted.
 * @throws KuramoriError INTERNAL when there is none, or it was given back already
 */
export async function releaseBudget(session: Session, { id }: Reservation): Promise<void> {
  if (await deleteUse(session, id)) return;
  throw new KuramoriError('INTERNAL', 'A reservation of a budget was given back twice, or never made.');
}

function fitsInDay({ kind, subjects }: BudgetAsked, limits: BudgetLimits): boolean {
  return kind === 'lookup' || subjects <= Math.min(limits.revealsPersonDay, limits.revealsUnitDay);
}
