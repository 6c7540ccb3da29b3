import { randomUUID } from 'node:crypto';
import { dayOf, SYSTEM_ACTOR, type RegisterChange } from '../access/register/change.js';
import { linkVaultPerson } from '../access/register/vaultPerson.js';
import type { Clock } from '../kernel/clock.js';
import type { Session } from '../kernel/database/database.js';

/**
 * Links an account of the demonstration with people of the vault, from today on, as an access administrator would.
 * @param tx of the owner of the schema
 */
export async function linkVaultPersons(
  tx: Session,
  clock: Clock,
  staffId: string,
  vaultPersonIds: readonly string[],
): Promise<void> {
  const change: RegisterChange = {
    actorId: SYSTEM_ACTOR,
    at: clock.now(),
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId: randomUUID(),
    reason: '実証環境の初期登録',
  };
  for (const vaultPersonId of vaultPersonIds)
    await linkVaultPerson(tx, change, staffId, { vaultPersonId, validFrom: dayOf(change) });
}
