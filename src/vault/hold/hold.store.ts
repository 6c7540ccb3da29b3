import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { VaultRef } from '../number/vaultRef.js';

/** Whether a hold forbids the erasure of a number. */
export async function isHeld(session: Session, ref: VaultRef): Promise<boolean> {
  return (await standingHolds(session, [ref])).length > 0;
}

/**
 * Refuses numbers on which a hold stands.
 * @throws KuramoriError RETENTION_HOLD, facts `{hold}`: the number of the oldest
 */
export async function assertNotHeld(session: Session, refs: readonly VaultRef[]): Promise<void> {
  const [oldest] = await standingHolds(session, refs);
  if (oldest === undefined) return;
  throw new KuramoriError('RETENTION_HOLD', 'A hold forbids the erasure. Have the hold released first.', {
    hold: String(oldest),
  });
}

/** Numbers of the holds that stand on any of the references, oldest first. */
async function standingHolds(session: Session, refs: readonly VaultRef[]): Promise<readonly bigint[]> {
  const rows = await session.run(
    'vault.hold.standing',
    ({ raw }) => raw<{ id: bigint }[]>`
    select id from vault.hold where vault_ref = any (${[...refs]}::text[]) and released_at is null order by id`,
  );
  return rows.map(({ id }) => id);
}

/** @returns the hold's number */
export async function insertHold(
  tx: Session,
  ref: VaultRef,
  reason: string,
  placed: ByAt,
  approvedBy: string,
): Promise<bigint> {
  const [inserted] = await tx.run(
    'vault.hold.insert',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into vault.hold (vault_ref, reason, placed_by, placed_approved_by, placed_at)
    values (${ref}, ${reason}, ${placed.by}, ${approvedBy}, ${placed.at.toString()}) returning id`,
  );
  return inserted.id;
}

/** A hold that nobody else changes before the transaction's end, or none. */
export async function lockHold(
  tx: Session,
  holdId: bigint,
): Promise<{ readonly ref: VaultRef; readonly ended: boolean } | undefined> {
  const [row] = await tx.run(
    'vault.hold.lock',
    ({ raw }) => raw<{ ref: VaultRef; ended: boolean }[]>`
    select vault_ref as ref, released_at is not null as ended from vault.hold
    where id = ${String(holdId)} for update`,
  );
  return row;
}

/** Ends a hold that is locked. */
export async function endHold(
  tx: Session,
  holdId: bigint,
  released: ByAt,
  approvedBy: string,
): Promise<void> {
  await tx.run(
    'vault.hold.release',
    ({ raw }) => raw`
    update vault.hold set released_by = ${released.by}, released_approved_by = ${approvedBy},
      released_at = ${released.at.toString()} where id = ${String(holdId)}`,
  );
}
