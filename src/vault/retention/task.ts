import type { Session } from '../../kernel/database/database.js';
import type { PlainDate } from '../../kernel/dates.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readRetentionRules } from './rule.store.js';
import { lastKeptDay, type RetentionClass } from './rule.js';

/**
 * The task (事務) for which numbers are kept has ended: from here retention runs.
 * @param endedOn day on which the period begins
 * @returns first day on which the numbers may be erased, or none when they are kept for ever
 * @throws KuramoriError NOT_FOUND, ERASED, CONFIGURATION_INVALID
 */
export async function endTask(
  tx: Session,
  refs: readonly VaultRef[],
  retentionClass: RetentionClass,
  endedOn: PlainDate,
): Promise<PlainDate | undefined> {
  const last = lastKeptDay(await readRetentionRules(tx), retentionClass, endedOn);
  const erasableFrom = last?.add({ days: 1 });
  await setRetention(tx, refs, erasableFrom);
  return erasableFrom;
}

/**
 * The task goes on after all, or another one needs the numbers: retention no longer runs.
 * @throws KuramoriError NOT_FOUND, ERASED
 */
export async function resumeTask(tx: Session, refs: readonly VaultRef[]): Promise<void> {
  await setRetention(tx, refs, undefined);
}

async function setRetention(
  tx: Session,
  refs: readonly VaultRef[],
  erasableFrom: PlainDate | undefined,
): Promise<void> {
  await lockNumbers(tx, refs);
  await assertNotErased(tx, refs);
  await tx.run(
    'vault.retention.set',
    ({ raw }) => raw`
    update vault.number set retention_ends_on = ${erasableFrom?.toString() ?? null}
    where vault_ref = any (${[...refs]}::text[])`,
  );
}
