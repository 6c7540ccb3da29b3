import type { Session } from '../kernel/database/database.js';
import { AUDIT_CATCH_UP_RECORDS } from '../kernel/limits.js';

/**
 * Enters everything that has been appended so far into the tables that searches read (索引). Whoever searches the log
 * calls it first, so that nothing that was written is missed; two who call it together take turns.
 * @param session one that may execute `audit.catch_up`, not in a read-only transaction
 * @param disk as in `catchUpSome`
 * @throws KuramoriError as `Session.run`
 */
export async function catchUp(session: Session, disk: Disk = 'waits'): Promise<void> {
  const step = () => catchUpSome(session, AUDIT_CATCH_UP_RECORDS, 'waits', disk) as Promise<Progress>;
  let { entered, behind } = await step();
  // What is appended meanwhile is left to the next search: a busy log must not hold up this one.
  const target = entered + behind;
  while (entered < target && behind > 0n) ({ entered, behind } = await step());
}

/**
 * What is entered is made from records that are durable already, and is entered again after a crash that took it away.
 * A commit that does not wait for the disk is for a statement of its own: within a transaction it is that one's.
 */
export type Disk = 'waits' | 'leavesIt';

/** How far the tables that searches read have come. */
export interface Progress {
  /** The first record that they do not hold. */
  readonly entered: bigint;
  /** Records that were appended and are not entered. */
  readonly behind: bigint;
}

/**
 * Enters about `records` of the oldest that are not entered yet, fewer when they are large.
 * @param others what to do while another process is at it
 * @param disk whether the commit waits for it
 * @returns undefined when another is at it and was not waited for
 */
export async function catchUpSome(
  session: Session,
  records: number,
  others: 'waits' | 'leavesIt',
  disk: Disk = 'waits',
): Promise<Progress | undefined> {
  const [progress] = await session.run(
    'audit.catchUp',
    ({ raw }) => raw<(Progress | { readonly entered: null })[]>`
    select entered, behind from audit.catch_up(${records}::integer, ${others === 'waits'}::boolean)
    where ${disk === 'waits'}::boolean or (select set_config('synchronous_commit', 'off', true)) = 'off'`,
  );
  return progress === undefined || progress.entered === null ? undefined : progress;
}
