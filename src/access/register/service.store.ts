import type { JWK } from 'jose';
import type { Session } from '../../kernel/database/database.js';

const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const KID_CHARS_MAX = 255;
const KID = /^[\x21-\x7e]+$/;

/** The public key a service account registered under a `kid` and has not ended, or none. */
export async function findServiceKey(
  session: Session,
  clientId: string,
  kid: string,
): Promise<JWK | undefined> {
  if (!CLIENT_ID.test(clientId) || kid.length > KID_CHARS_MAX || !KID.test(kid)) return undefined;
  const [row] = await session.run(
    'access.serviceKey.find',
    ({ raw }) => raw<{ public_jwk: JWK }[]>`
    select public_jwk from access.service_key where client_id = ${clientId} and kid = ${kid} and ended_at is null`,
  );
  return row?.public_jwk;
}

/** Ends the open sessions of a service account at once. */
export async function endServiceSessions(
  tx: Session,
  clientId: string,
  at: string,
  reason: string,
): Promise<void> {
  await tx.run(
    'access.session.endService',
    ({ raw }) => raw`
    update access.session set ended_at = ${at}, ended_reason = ${reason}
    where client_id = ${clientId} and ended_at is null`,
  );
}
