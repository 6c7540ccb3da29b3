import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { ASSERTION_CREDENTIAL_DAYS_MAX } from '../../kernel/limits.js';
import { ed25519PublicKey } from '../../kernel/token/jws.js';
import { insertAuthenticator } from './authenticator.store.js';
import { personState, type Authenticator } from './person.js';
import { lockPerson, personNotFound } from './staff.store.js';

/** A key to be entered for one person on one terminal. */
export interface CredentialEntry {
  readonly personId: string;
  readonly terminalId: string;
  /** Ed25519 (RFC 8037); anything private in it is dropped. */
  readonly publicJwk: JWK;
  /** With a key of an authenticator, which is then kept as {@link readNewAuthenticator} read it. */
  readonly authenticator?: Authenticator;
}

/** `kid` of assertions, and until when. */
export interface CredentialEnrolled {
  readonly credentialId: string;
  /** Exclusive. */
  readonly validTo: Temporal.Instant;
}

const CREDENTIAL_ID_BYTES = 12;

/**
 * Enters a key (操作認証鍵), valid from now for 90 days (handbook 14 §3).
 * @param tx a transaction: write its audit entry in the same
 * @throws KuramoriError CONFIGURATION_INVALID when it is no Ed25519 key; NOT_FOUND; CONFLICT when the person or the
 *   terminal is not in force, or when the key is there already: one key, one person
 */
export async function enrolCredential(
  tx: Session,
  { personId, terminalId, publicJwk, authenticator }: CredentialEntry,
  now: Temporal.Instant,
): Promise<CredentialEnrolled> {
  const kept = authenticator ? publicJwk : ed25519PublicKey(publicJwk).export({ format: 'jwk' });
  const person = (await lockPerson(tx, personId)) ?? personNotFound();
  const state = personState(person, dayInJapan(now).toString());
  if (state === 'ended' || state === 'revoked') throw notInForce();
  await serializeKeys(tx);
  const credentialId = `CR-${randomBytes(CREDENTIAL_ID_BYTES).toString('hex')}`;
  const validTo = now.add({ hours: 24 * ASSERTION_CREDENTIAL_DAYS_MAX });
  const rows = await tx.run(
    'vault.credential.enrol',
    ({ raw }) => raw`
    insert into vault.credential (credential_id, person_id, terminal_id, public_jwk, valid_from, valid_to)
    select ${credentialId}, ${personId}, t.terminal_id, ${JSON.stringify(kept)}::text::jsonb,
      ${now.toString()}, ${validTo.toString()}
    from vault.terminal t
    where t.terminal_id = ${terminalId} and t.revoked_at is null
      and not exists (select from vault.credential c where c.public_jwk ->> 'x' = ${String(kept.x)})
    returning credential_id`,
  );
  if (rows.length === 0) throw notInForce();
  if (authenticator && !(await insertAuthenticator(tx, credentialId, authenticator))) throw notInForce();
  return { credentialId, validTo };
}

/** Two entries of one key at once would each see no other. */
async function serializeKeys(tx: Session): Promise<void> {
  await tx.run(
    'vault.credential.serialize',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('vault.credential', 0))`,
  );
}

/** Withdraws one key. @throws KuramoriError NOT_FOUND */
export async function revokeCredential(
  session: Session,
  credentialId: string,
  now: Temporal.Instant,
): Promise<void> {
  const rows = await session.run(
    'vault.credential.revoke',
    ({ raw }) => raw`
    update vault.credential set revoked_at = coalesce(revoked_at, ${now.toString()})
    where credential_id = ${credentialId} returning credential_id`,
  );
  if (rows.length === 1) return;
  throw new KuramoriError('NOT_FOUND', 'There is no such key in the register of the vault. Check the id.');
}

/** Withdraws every key of a person. @returns the ids of those that were in force */
export async function revokeCredentialsOf(
  tx: Session,
  personId: string,
  now: Temporal.Instant,
): Promise<readonly string[]> {
  const rows = await tx.run(
    'vault.credential.revokeAll',
    ({ raw }) => raw<{ credential_id: string }[]>`
    update vault.credential set revoked_at = ${now.toString()}
    where person_id = ${personId} and revoked_at is null returning credential_id`,
  );
  return rows.map((row) => row.credential_id).toSorted();
}

function notInForce(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The person or the terminal is not in force, or the key is enrolled already. Make a new key there.',
  );
}
