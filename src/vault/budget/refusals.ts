import type { Database } from '../../kernel/database/database.js';
import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import type { ErrorCode } from '../../kernel/errors.js';
import { REFUSALS_PERSON_HOUR_MAX, REFUSALS_PERSON_HOUR_RAISED } from '../../kernel/limits.js';
import { operationRule, type VaultOperation } from '../assertion/operation.js';
import { suspendGrantsOf } from '../grant/grant.store.js';
import { insertUse, lockBudgets, refusalsOfHour } from './budget.store.js';

/** What one more refusal came to, for the log. */
export interface RefusalNoted {
  /** Refusals of the person within 60 minutes, with this one. */
  readonly refusals: number;
  /** From five within the hour on, they are shown to the auditors (handbook 15 §10). */
  readonly raised: boolean;
  /** Grants that this refusal has suspended. */
  readonly suspendedGrants: readonly bigint[];
}

/** Refusals that only the person can have caused. With replays and forgeries an adversary would stop people. */
const OWN_REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'STEP_UP_REQUIRED',
  'FORBIDDEN_PURPOSE',
  'BUDGET_EXCEEDED',
  'DUAL_CONTROL_REQUIRED',
]);

/** Whether a refusal counts towards the ceiling: of a reveal or a lookup, after the assertion was claimed. */
export function countsAsRefusal(op: VaultOperation, code: ErrorCode): boolean {
  return operationRule(op).budget !== undefined && OWN_REFUSALS.has(code);
}

/**
 * Counts a refused reveal or lookup. The thirtieth of a person within 60 minutes suspends every grant of the person
 * (handbook 15 §6.5).
 */
export async function noteRefusal(
  database: Database,
  person: { readonly personId: string; readonly unit: string },
  now: Temporal.Instant,
): Promise<RefusalNoted> {
  const { personId, unit } = person;
  return database.transaction('vault.refusal', async (tx) => {
    await lockBudgets(tx, { personId, unit, kind: 'lookup' });
    await insertUse(tx, { personId, unit, kind: 'refusal' }, 1, now);
    const refusals = await refusalsOfHour(tx, personId, now);
    const suspendedGrants =
      refusals < REFUSALS_PERSON_HOUR_MAX
        ? []
        : await suspendGrantsOf(tx, personId, dayInJapan(now).toString());
    return { refusals, raised: refusals >= REFUSALS_PERSON_HOUR_RAISED, suspendedGrants };
  });
}
