import { Temporal } from '../../../../src/kernel/dates.js';
import type { ByAt } from '../../../../src/kernel/dualControl.js';
import type { Database } from '../../../../src/kernel/database/database.js';
import type { ApprovalId } from '../../../../src/vault/approval/approval.js';
import { approve } from '../../../../src/vault/approval/decide.js';
import { openApproval } from '../../../../src/vault/approval/request.js';

/** Monday, nine o'clock in Japan. */
export const MORNING = Temporal.Instant.from('2026-11-02T09:00:00+09:00');

/** Somebody, minutes after nine. */
export const by = (person: string, minutes = 0): ByAt => ({ by: person, at: MORNING.add({ minutes }) });

/** Runs in a transaction of its own. */
export const inTx = <T>(
  database: Database,
  work: (tx: Parameters<Parameters<Database['transaction']>[1]>[0]) => Promise<T>,
): Promise<T> => database.transaction('test.transaction', work);

/** A second person opens a request and approves it. */
export async function approvedBy(
  database: Database,
  approvalId: ApprovalId,
  person: string,
  minutes: number,
): Promise<void> {
  await inTx(database, (tx) => openApproval(tx, approvalId, by(person, minutes)));
  await inTx(database, (tx) => approve(tx, approvalId, by(person, minutes)));
}

/** What a refusal by a rule of four eyes looks like. */
export const refusedBy = (rule: string) => ({ code: 'DUAL_CONTROL_REQUIRED', facts: { rule } });
