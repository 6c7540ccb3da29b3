import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { strictJsonObject } from '../../kernel/token/json.js';
import type { ParsedWebauthn } from '../../kernel/token/operation.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import type { Authenticator } from '../staff/person.js';
import { readAuthenticatorHead, type AuthenticatorHead } from './authenticatorData.js';
import { relyingPartyHash, type RelyingParty } from './relyingParty.js';

/** A key of the register that an authenticator holds. */
export interface WebauthnKey {
  /** JWK, P-256 or Ed25519. */
  readonly publicJwk: unknown;
  readonly authenticator: Authenticator;
}

/**
 * What an authenticator signed is this payload, at a front end of ours, by a person whom it verified (handbook 15 §3,
 * §5; WebAuthn §7.2). The signature comes first: what is refused after it is known to be of this key.
 * @throws KuramoriError UNAUTHENTICATED (CredentialRefusal): `signature` also for another payload than the signed one
 */
export function assertWebauthn(
  proof: ParsedWebauthn,
  { publicJwk, authenticator }: WebauthnKey,
  party: RelyingParty | undefined,
): void {
  if (party === undefined) throw new CredentialRefusal('relyingParty');
  assertSigned(proof, publicJwk as JsonWebKey);
  assertClientData(proof, party);
  assertAuthenticator(readAuthenticatorHead(proof.authenticatorData), authenticator, party);
}

function assertSigned({ authenticatorData, clientDataJson, signature }: ParsedWebauthn, jwk: JsonWebKey) {
  const signed = Buffer.concat([authenticatorData, sha256(clientDataJson)]);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  // COSE −7 is ECDSA with SHA-256, as DER; −8 is Ed25519, which hashes by itself (WebAuthn §6.5.5).
  if (!verify(jwk.kty === 'EC' ? 'sha256' : null, signed, key, signature))
    throw new CredentialRefusal('signature');
}

/** WebAuthn §7.2 steps 10 to 14. Members that browsers may add are let be: the specification announces them. */
function assertClientData({ clientDataJson, payload }: ParsedWebauthn, { origins }: RelyingParty): void {
  const { type, challenge, origin, crossOrigin, topOrigin } = strictJsonObject(clientDataJson);
  if (type !== 'webauthn.get') throw new CredentialRefusal('type');
  // Whoever carried it has put another payload in the place of the one that was signed.
  if (challenge !== sha256(payload).toString('base64url')) throw new CredentialRefusal('signature');
  if (typeof origin !== 'string' || !origins.has(origin)) throw new CredentialRefusal('origin');
  // In a frame of somebody else's page the person does not see who asks.
  if ((crossOrigin ?? false) !== false || topOrigin !== undefined) throw new CredentialRefusal('origin');
}

/** WebAuthn §7.2 steps 15 to 18. */
function assertAuthenticator(
  { relyingPartyHash: hash, ...head }: AuthenticatorHead,
  { backupEligible }: Authenticator,
  party: RelyingParty,
): void {
  if (!hash.equals(relyingPartyHash(party))) throw new CredentialRefusal('relyingParty');
  if (!head.userPresent || !head.userVerified) throw new CredentialRefusal('userVerification');
  if (head.credentialData || head.extensions) throw new CredentialRefusal('malformed');
  // Whether it may leave its authenticator is fixed when a key is made; what may not is never backed up.
  if (head.backupEligible !== backupEligible) throw new CredentialRefusal('binding');
  if (head.backedUp && !head.backupEligible) throw new CredentialRefusal('malformed');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
