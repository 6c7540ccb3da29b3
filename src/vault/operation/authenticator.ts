import type { Database } from '../../kernel/database/database.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { readAuthenticatorHead, type AuthenticatorHead } from '../assertion/authenticatorData.js';
import { lockAuthenticator, writeAuthenticatorUse } from '../staff/authenticator.store.js';
import type { Authenticator } from '../staff/person.js';
import type { Claimed } from './run.js';
import type { Trail } from './trail.js';

/**
 * Writes down what an authenticator says of itself with the first use of each assertion (handbook 15 §3): its counter,
 * which goes on, and whether its key is backed up; a change of that is a raised entry of the log. Nothing of an
 * Ed25519 key of a terminal.
 * @throws KuramoriError UNAUTHENTICATED `counter` (CredentialRefusal)
 */
export async function noteAuthenticatorUse(
  database: Database,
  trail: Trail,
  { assertion: { proof }, actor }: Claimed,
): Promise<void> {
  if (proof.by === 'jws') return;
  const { credentialId } = actor.credential;
  const used = readAuthenticatorHead(proof.authenticatorData);
  await database.transaction('vault.authenticator.use', async (tx) => {
    const before = await lockAuthenticator(tx, credentialId);
    assertCounts(before, used);
    await writeAuthenticatorUse(tx, credentialId, used);
    if (before.backedUp !== used.backedUp) await trail.notesBackup(tx, credentialId, used.backedUp);
  });
}

/**
 * A counter that goes back or stands still is that of a copy, or of what was signed before something that has come
 * already. Who counts nothing stays at 0 (WebAuthn §7.2 step 22).
 * @throws KuramoriError UNAUTHENTICATED `counter`
 */
export function assertCounts(
  before: Pick<Authenticator, 'counter'>,
  used: Pick<AuthenticatorHead, 'counter'>,
): void {
  const countsNothing = before.counter === 0n && used.counter === 0n;
  if (!countsNothing && used.counter <= before.counter) throw new CredentialRefusal('counter');
}
