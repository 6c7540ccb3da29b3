import type { Session } from '../kernel/database/database.js';
import { AUDIT_CATCH_UP_RECORDS } from '../kernel/limits.js';

/**
 * Enters everything that has been appended so far into the tables that searches read (索引). Whoever searches the log
 * calls it first, so that nothing that was written is missed; two who call it together take turns.
 * @param session one that may execute `audit.catch_up`, not in a read-only transaction
 * @throws KuramoriError as `Session.run`
 */
export async function catchUp(session: Session): Promise<void> {
  const records = BigInt(AUDIT_CATCH_UP_RECORDS);
  const left = (await catchUpSome(session, AUDIT_CATCH_UP_RECORDS, 'waits')) as bigint;
  // What is appended meanwhile is left to the next search: a busy log must not hold up this one.
  for (let rounds = (left + records - 1n) / records; rounds > 0n; rounds -= 1n) {
    await catchUpSome(session, AUDIT_CATCH_UP_RECORDS, 'waits');
  }
}

/**
 * Enters about `records` of the oldest that are not entered yet.
 * @param others what to do while another process is at it
 * @returns how many are left; undefined when another is at it and was not waited for
 */
export async function catchUpSome(
  session: Session,
  records: number,
  others: 'waits' | 'leavesIt',
): Promise<bigint | undefined> {
  const rows = await session.run(
    'audit.catchUp',
    ({ raw }) => raw<{ left: bigint | null }[]>`
    select audit.catch_up(${records}::integer, ${others === 'waits'}::boolean) as left`,
  );
  return rows[0]?.left ?? undefined;
}
