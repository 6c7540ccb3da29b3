import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { LOCKOUT_TRIES_READ_MAX } from '../../kernel/limits.js';
import { onlyRow } from '../row.js';
import type { Try } from './lockout.js';

/** Serialises the tries of one account until the transaction ends, over all gateway processes. */
export async function lockTries(tx: Session, staffId: string): Promise<void> {
  await tx.run(
    'access.signInEvent.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('access.signIn:' || ${staffId}, 0))`,
  );
}

/** The latest tries of an account in order, abandoned ones left out. */
export async function latestTries(session: Session, staffId: string): Promise<readonly Try[]> {
  const rows = await session.run(
    'access.signInEvent.latest',
    ({ raw }) =>
      raw<{ at: string; outcome: Try['outcome'] }[]>`
      select at, outcome from (
        select s.id, s.at, case when s.kind = 'unlocked' then 'unlocked' else coalesce(r.kind, 'failed') end as outcome
        from access.sign_in_event s left join access.sign_in_event r on r.attempt_id = s.id
        where s.staff_id = ${staffId} and s.kind in ('started', 'unlocked')
        order by s.at desc, s.id desc limit ${LOCKOUT_TRIES_READ_MAX}
      ) latest
      where outcome <> 'abandoned' order by at, id`,
  );
  return rows.map((row) => ({ at: Temporal.Instant.from(row.at).epochMilliseconds, outcome: row.outcome }));
}

/** Writes that a person unlocked the account: the count of failures starts anew. */
export async function noteUnlocked(tx: Session, staffId: string, at: string): Promise<void> {
  await tx.run(
    'access.signInEvent.unlock',
    ({ raw }) => raw`
    insert into access.sign_in_event (staff_id, kind, at) values (${staffId}, 'unlocked', ${at})`,
  );
}

/** Writes that a try begins, before anything is verified. @returns its id */
export async function startTry(tx: Session, staffId: string, at: string): Promise<bigint> {
  const rows = await tx.run(
    'access.signInEvent.start',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into access.sign_in_event (staff_id, kind, at) values (${staffId}, 'started', ${at}) returning id`,
  );
  return onlyRow(rows).id;
}

/** Writes how a try ended. `abandoned`: nothing was decided about it, so that it does not count. */
export async function endTry(
  tx: Session,
  staffId: string,
  attemptId: bigint,
  outcome: 'succeeded' | 'failed' | 'abandoned',
  at: string,
): Promise<void> {
  await tx.run(
    'access.signInEvent.end',
    ({ raw }) => raw`
    insert into access.sign_in_event (staff_id, kind, attempt_id, at)
    values (${staffId}, ${outcome}, ${String(attemptId)}, ${at})`,
  );
}
