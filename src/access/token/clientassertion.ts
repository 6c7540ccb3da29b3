import type { Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { CLIENT_ASSERTION_SECONDS_MAX } from '../../kernel/limits.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { findServiceKey } from '../register/service.store.js';
import { assertPeriod, textClaim } from '../../kernel/token/claims.js';
import { assertSignature, ed25519PublicKey, parseJws } from '../../kernel/token/jws.js';

/** `typ` of an assertion: the general one, or the one of draft-ietf-oauth-rfc7523bis. */
const ASSERTION_TYPES = ['JWT', 'client-authentication+jwt'];

/**
 * Verifies a client assertion (RFC 7523 §3): `iss` = `sub` = the client, `aud` = our token endpoint, at most 60 s of
 * life, a registered key, and never twice.
 * @returns the client id
 * @throws CredentialRefusal
 */
export async function verifyClientAssertion(
  session: Session,
  assertion: string,
  tokenEndpoint: string,
  now: Temporal.Instant,
): Promise<string> {
  const jws = parseJws(assertion, ASSERTION_TYPES);
  const clientId = textClaim(jws.claims, 'iss');
  const jwk = await findServiceKey(session, clientId, jws.kid);
  if (jwk === undefined) throw new CredentialRefusal('key');
  assertSignature(jws, ed25519PublicKey(jwk));
  if (jws.claims['sub'] !== clientId) throw new CredentialRefusal('issuer');
  if (jws.claims['aud'] !== tokenEndpoint) throw new CredentialRefusal('audience');
  const expiresAt = assertPeriod(jws.claims, now.epochMilliseconds, CLIENT_ASSERTION_SECONDS_MAX);
  await consume(session, clientId, textClaim(jws.claims, 'jti'), expiresAt);
  return clientId;
}

/** The unique key decides between two that come at once. */
async function consume(session: Session, clientId: string, jti: string, expiresAt: number): Promise<void> {
  const taken = await session.run(
    'access.clientAssertion.consume',
    ({ raw }) => raw`
    insert into access.client_assertion (client_id, jti, expires_at)
    values (${clientId}, ${jti}, to_timestamp(${expiresAt}::int8))
    on conflict do nothing returning 1`,
  );
  if (taken.length === 0) throw new CredentialRefusal('assertionReplayed');
}
