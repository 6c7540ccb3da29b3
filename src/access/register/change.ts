import type { Session } from '../../kernel/database/database.js';
import type { IsoDate, Temporal } from '../../kernel/dates.js';
import { dayInJapan } from '../../kernel/dates.js';
import { onlyRow } from '../row.js';

/** Who changes the register, when, why, and by which request. */
export interface RegisterChange {
  /** Staff id or client id of who acts; `system` when a rule acts by itself. */
  readonly actorId: string;
  readonly at: Temporal.Instant;
  readonly purpose: string;
  readonly caseRef: string | undefined;
  /** UUID. */
  readonly requestId: string;
  /** In the actor's own words; kept with the event. */
  readonly reason: string;
}

/** The actor of rules that act by themselves, such as the suspension after ten failures. */
export const SYSTEM_ACTOR = 'system';

/** The day of a change in Japan. */
export function dayOf(change: RegisterChange): IsoDate {
  return dayInJapan(change.at).toString();
}

/** Writes the change record that the rows of this change name. @returns its id */
export async function recordChange(tx: Session, change: RegisterChange, action: string): Promise<bigint> {
  const rows = await tx.run(
    'access.change.insert',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.change (at, actor_id, purpose, case_ref, request_id, action)
    values (${change.at.toString()}, ${change.actorId}, ${change.purpose}, ${change.caseRef ?? null},
      ${change.requestId}, ${action})
    returning id`,
  );
  return onlyRow(rows).id;
}

/** Writes the event of an account. */
export async function recordStaffEvent(
  tx: Session,
  staffId: string,
  kind: string,
  reason: string,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'access.staffEvent.insert',
    ({ raw }) => raw`
    insert into access.staff_event (staff_id, kind, reason, change_id)
    values (${staffId}, ${kind}, ${reason}, ${String(changeId)})`,
  );
}
