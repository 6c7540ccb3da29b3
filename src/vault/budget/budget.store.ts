import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { BUDGET_KEPT_MS, VAULT_PURGED_ROWS_MAX } from '../../kernel/limits.js';
import { dayBegins, hourBegins, type BudgetKind, type Spent, type SpentAt } from './window.js';

/** Whose budgets, of what. */
export interface BudgetOf {
  readonly personId: string;
  readonly unit: string;
  readonly kind: BudgetKind;
}

/**
 * Makes all who draw on the same budgets wait for each other until the transaction's end. The unit always comes
 * before the person, so that no two wait for each other in a ring.
 */
export async function lockBudgets(tx: Session, { personId, unit, kind }: BudgetOf): Promise<void> {
  if (kind === 'reveal') await lock(tx, `vault.budget.unit:${unit}`);
  await lock(tx, `vault.budget.person:${personId}`);
}

async function lock(tx: Session, name: string): Promise<void> {
  await tx.run(
    'vault.budget.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`,
  );
}

/** What stands against the budgets. A use that is dated later than now, by a clock since set back, counts too. */
export async function spentOf(tx: Session, of: BudgetOf, now: Temporal.Instant): Promise<Spent> {
  const hour = hourBegins(now).toString();
  const day = dayBegins(now).toString();
  const [row] = await tx.run(
    'vault.budget.spent',
    ({ raw }) => raw<[Spent]>`
    select
      coalesce(sum(subjects) filter (where person_id = ${of.personId} and at > ${hour}), 0)::int4 as "personHour",
      coalesce(sum(subjects) filter (where person_id = ${of.personId} and at >= ${day}), 0)::int4 as "personDay",
      coalesce(sum(subjects) filter (where unit = ${of.unit} and at >= ${day}), 0)::int4 as "unitDay"
    from vault.budget_use
    where kind = ${of.kind} and (
      person_id = ${of.personId} and at >= least(${hour}::timestamptz, ${day}::timestamptz)
      or unit = ${of.unit} and at >= ${day})`,
  );
  return row;
}

/** The person's uses within the hour, in order of time. */
export async function usesOfHour(
  tx: Session,
  { personId, kind }: BudgetOf,
  now: Temporal.Instant,
): Promise<readonly SpentAt[]> {
  const rows = await tx.run(
    'vault.budget.hour',
    ({ raw }) => raw<{ at: string; subjects: number }[]>`
    select at, subjects from vault.budget_use
    where person_id = ${personId} and kind = ${kind} and at > ${hourBegins(now).toString()} order by at`,
  );
  return rows.map(({ at, subjects }) => ({ at: Temporal.Instant.from(at).epochMilliseconds, subjects }));
}

/** Writes a use. @returns its number */
export async function insertUse(
  tx: Session,
  of: Omit<BudgetOf, 'kind'> & { readonly kind: BudgetKind | 'refusal' },
  subjects: number,
  now: Temporal.Instant,
): Promise<bigint> {
  const [row] = await tx.run(
    'vault.budget.insert',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into vault.budget_use (person_id, unit, kind, subjects, at)
    values (${of.personId}, ${of.unit}, ${of.kind}, ${subjects}, ${now.toString()}) returning id`,
  );
  return row.id;
}

/** @returns false when there is no such use */
export async function deleteUse(session: Session, id: bigint): Promise<boolean> {
  const rows = await session.run(
    'vault.budget.release',
    ({ raw }) =>
      raw`delete from vault.budget_use where id = ${String(id)}::int8 and kind <> 'refusal' returning id`,
  );
  return rows.length === 1;
}

/** Refusals of a person within the hour. */
export async function refusalsOfHour(tx: Session, personId: string, now: Temporal.Instant): Promise<number> {
  const [row] = await tx.run(
    'vault.budget.refusals',
    ({ raw }) => raw<[{ refusals: number }]>`
    select count(*)::int4 as refusals from vault.budget_use
    where person_id = ${personId} and kind = 'refusal' and at > ${hourBegins(now).toString()}`,
  );
  return row.refusals;
}

/** Forgets uses that no window counts any more. @returns how many; call again while it is VAULT_PURGED_ROWS_MAX */
export async function purgeBudgetUses(session: Session, now: Temporal.Instant): Promise<number> {
  const rows = await session.run(
    'vault.budget.purge',
    ({ raw }) => raw`
    delete from vault.budget_use where id in (
      select id from vault.budget_use where at <= ${now.subtract({ milliseconds: BUDGET_KEPT_MS }).toString()}
      limit ${VAULT_PURGED_ROWS_MAX}) returning id`,
  );
  return rows.length;
}
