import type { JWK } from 'jose';
import { violates } from '../../kernel/database/errors.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { ed25519PublicKey } from '../../kernel/token/jws.js';
import { dayOf, recordChange, type RegisterChange } from './change.js';
import { functionsOfRole } from './grants.store.js';
import { assertRoleExists } from './roles.store.js';
import { assertCompatible } from './separation.js';
import { endServiceSessions } from './service.store.js';

/** What is known of a new service account. */
export interface NewServiceAccount {
  readonly clientId: string;
  readonly name: string;
  readonly department: string;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | undefined;
  readonly roles: readonly string[];
  /** Public Ed25519 JWK with a `kid`. */
  readonly publicJwk: JWK;
}

/**
 * Opens a service account with its first key and its roles.
 * @throws KuramoriError CONFLICT when the id was ever used or roles must be separate, NOT_FOUND, CONFIGURATION_INVALID
 */
export async function createServiceAccount(
  tx: Session,
  change: RegisterChange,
  account: NewServiceAccount,
): Promise<void> {
  for (const role of account.roles) await assertRoleExists(tx, role);
  assertCompatible(await Promise.all(account.roles.map((role) => functionsOfRole(tx, role))));
  const changeId = await recordChange(tx, change, 'service.create');
  try {
    await tx.run(
      'access.service.insert',
      ({ raw }) => raw`
      insert into access.service_account (client_id, name, department, state, valid_from, valid_to, change_id)
      values (${account.clientId}, ${account.name}, ${account.department}, 'active', ${account.validFrom},
        ${account.validTo ?? null}, ${String(changeId)})`,
    );
  } catch (error) {
    if (!violates(error, 'service_account_pkey')) throw error;
    throw new KuramoriError(
      'CONFLICT',
      'The client id is or was in use and is never used again. Choose another.',
    );
  }
  await tx.run(
    'access.service.grant',
    ({ raw }) => raw`
    insert into access.role_grant (client_id, role, department, valid_from, valid_to, change_id)
    select ${account.clientId}, role, ${account.department}, ${account.validFrom}::date,
      ${account.validTo ?? null}::date,
      ${String(changeId)}::int8
    from unnest(${[...account.roles]}::text[]) as given(role)`,
  );
  await insertKey(tx, account.clientId, account.publicJwk, changeId);
}

/**
 * Adds a key to a service account, so that keys can be changed without a gap.
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export async function registerServiceKey(
  tx: Session,
  change: RegisterChange,
  clientId: string,
  jwk: JWK,
): Promise<void> {
  await insertKey(tx, clientId, jwk, await recordChange(tx, change, 'service.key'));
}

/** Ends a key at once; tokens already issued with it end with their sessions. @throws KuramoriError NOT_FOUND */
export async function endServiceKey(
  tx: Session,
  change: RegisterChange,
  clientId: string,
  kid: string,
): Promise<void> {
  await recordChange(tx, change, 'service.endKey');
  const ended = await tx.run(
    'access.serviceKey.end',
    ({ raw }) => raw`
    update access.service_key set ended_at = ${change.at.toString()}
    where client_id = ${clientId} and kid = ${kid} and ended_at is null returning 1`,
  );
  if (ended.length === 0)
    throw new KuramoriError('NOT_FOUND', 'There is no such key in use. Check client id and kid.');
  await endServiceSessions(tx, clientId, change.at.toString(), 'keyEnded');
}

/** Withdraws a service account for good, at once. @throws KuramoriError NOT_FOUND */
export async function revokeServiceAccount(
  tx: Session,
  change: RegisterChange,
  clientId: string,
): Promise<void> {
  const changeId = await recordChange(tx, change, 'service.revoke');
  const revoked = await tx.run(
    'access.service.revoke',
    ({ raw }) => raw`
    update access.service_account set state = 'revoked'
    where client_id = ${clientId} and state <> 'revoked' returning 1`,
  );
  if (revoked.length === 0)
    throw new KuramoriError('NOT_FOUND', 'There is no such service account in use. Check the client id.');
  await endServiceSessions(tx, clientId, change.at.toString(), 'revoked');
  await tx.run(
    'access.service.revokeGrants',
    ({ raw }) => raw`
    insert into access.role_grant_revocation (grant_id, effective_on, reason, change_id)
    select id, ${dayOf(change)}::date, ${change.reason}, ${String(changeId)}::int8
    from access.role_grant where client_id = ${clientId}`,
  );
}

async function insertKey(tx: Session, clientId: string, jwk: JWK, changeId: bigint): Promise<void> {
  ed25519PublicKey(jwk);
  if (jwk.kid === undefined || jwk.kid === '' || jwk.d !== undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'A service key must be a public JWK with a kid. Leave the private part out.',
    );
  }
  const publicJwk = JSON.stringify({ kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid: jwk.kid });
  await tx.run(
    'access.serviceKey.insert',
    ({ raw }) => raw`
    insert into access.service_key (kid, client_id, public_jwk, change_id)
    values (${String(jwk.kid)}, ${clientId}, ${publicJwk}::jsonb, ${String(changeId)})`,
  );
}
