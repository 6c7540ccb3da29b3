import type { JWK } from 'jose';
import { Temporal } from '../../kernel/dates.js';
import { CLOCK_DIFFERENCE_SECONDS_MAX, OPERATION_ASSERTION_SECONDS_MAX } from '../../kernel/limits.js';
import { assertSignature, ed25519PublicKey } from '../../kernel/token/jws.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import type { VaultContext } from '../context.js';
import type { Actor, Credential } from '../staff/person.js';
import { findActor } from '../staff/staff.store.js';
import type { Assertion } from './assertion.js';
import type { RelyingParty } from './relyingParty.js';
import { assertWebauthn } from './webauthn.js';

/**
 * Signature → audience → time of an assertion, in the order of handbook 15 §5, against the vault's own register.
 * What the person may do, and whether the person is still here, is decided after the assertion was claimed.
 * @returns who acts, on which terminal, with which key
 * @throws KuramoriError UNAUTHENTICATED (CredentialRefusal)
 */
export async function authenticate(
  context: Pick<VaultContext, 'database' | 'clock' | 'municipality' | 'relyingParty'>,
  assertion: Assertion,
): Promise<Actor> {
  const actor = await findActor(context.database, assertion.credentialId);
  if (actor === undefined) throw new CredentialRefusal('key');
  const { municipality, relyingParty, clock } = context;
  assertGenuine(assertion, actor, { municipality, relyingParty, now: clock.now() });
  return actor;
}

/** The pure part of {@link authenticate}. @throws KuramoriError UNAUTHENTICATED */
export function assertGenuine(
  assertion: Assertion,
  actor: Actor,
  at: Pick<VaultContext, 'municipality' | 'relyingParty'> & { readonly now: Temporal.Instant },
): void {
  assertSigned(assertion, actor.credential, at.relyingParty);
  assertKeyInForce(actor, at.now);
  const { personId, terminalId } = actor.credential;
  if (assertion.personId !== personId || assertion.terminalId !== terminalId)
    throw new CredentialRefusal('binding');
  if (assertion.audience !== `vault:${at.municipality}`) throw new CredentialRefusal('audience');
  assertTime(assertion, at.now.epochMilliseconds);
}

/** A key of one kind signs nothing of the other: neither form stands for the other, as with algorithms. */
function assertSigned(
  { proof }: Assertion,
  { publicJwk, authenticator }: Credential,
  party: RelyingParty | undefined,
): void {
  if (proof.by === 'jws') {
    if (authenticator) throw new CredentialRefusal('algorithm');
    assertSignature(proof, ed25519PublicKey(publicJwk as JWK));
  } else {
    if (!authenticator) throw new CredentialRefusal('algorithm');
    assertWebauthn(proof, { publicJwk, authenticator }, party);
  }
}

/**
 * The key of a person who was withdrawn died with the person: that refusal is the person's, ACCOUNT_REVOKED, and
 * comes with the check of the person.
 */
function assertKeyInForce({ credential, person }: Actor, now: Temporal.Instant): void {
  const { validFrom, validTo, revokedAt } = credential;
  if (revokedAt !== undefined && person.revokedAt === undefined) throw new CredentialRefusal('revoked');
  const early = Temporal.Instant.compare(now, validFrom) < 0;
  if (early || Temporal.Instant.compare(now, validTo) >= 0) throw new CredentialRefusal('key');
}

/** The end is exclusive and by our clock alone; a terminal's clock may be ahead by the tolerated difference. */
function assertTime({ issuedAt, expiresAt }: Assertion, nowMs: number): void {
  const life = expiresAt - issuedAt;
  if (life <= 0 || life > OPERATION_ASSERTION_SECONDS_MAX) throw new CredentialRefusal('time');
  if (nowMs >= expiresAt * 1000) throw new CredentialRefusal('time');
  if (nowMs < (issuedAt - CLOCK_DIFFERENCE_SECONDS_MAX) * 1000) throw new CredentialRefusal('time');
}
