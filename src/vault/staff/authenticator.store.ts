import type { Session } from '../../kernel/database/database.js';
import type { Authenticator } from './person.js';

/** What an authenticator says of itself, to be kept from now on. */
type AuthenticatorUse = Pick<Authenticator, 'counter' | 'backedUp'>;

/**
 * Enters the authenticator of a key that was entered before, in the same transaction.
 * @returns false when a key of that id is there already
 */
export async function insertAuthenticator(
  tx: Session,
  credentialId: string,
  { webauthnId, counter, backupEligible, backedUp }: Authenticator,
): Promise<boolean> {
  const rows = await tx.run(
    'vault.authenticator.enrol',
    ({ raw }) => raw`
    insert into vault.authenticator (credential_id, webauthn_id, counter, backup_eligible, backed_up)
    values (${credentialId}, ${webauthnId}, ${String(counter)}, ${backupEligible}, ${backedUp})
    on conflict (webauthn_id) do nothing returning credential_id`,
  );
  return rows.length === 1;
}

/** The authenticator of a key, which nobody else changes before the transaction's end. */
export async function lockAuthenticator(tx: Session, credentialId: string): Promise<AuthenticatorUse> {
  const rows = await tx.run(
    'vault.authenticator.lock',
    ({ raw }) => raw<AuthenticatorUse[]>`
    select counter, backed_up as "backedUp" from vault.authenticator
    where credential_id = ${credentialId} for update`,
  );
  // It was found with its key before, and none is ever removed.
  return rows[0] as AuthenticatorUse;
}

/** Writes what an authenticator said last. */
export async function writeAuthenticatorUse(
  tx: Session,
  credentialId: string,
  { counter, backedUp }: AuthenticatorUse,
): Promise<void> {
  await tx.run(
    'vault.authenticator.write',
    ({ raw }) => raw`
    update vault.authenticator set counter = ${String(counter)}, backed_up = ${backedUp}
    where credential_id = ${credentialId}`,
  );
}
