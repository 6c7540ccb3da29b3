import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';
import { KuramoriError } from '../../kernel/errors.js';
import {
  WEBAUTHN_CREDENTIAL_ID_BYTES_MAX,
  WEBAUTHN_CREDENTIAL_ID_BYTES_MIN,
  WEBAUTHN_REGISTRATION_BYTES_MAX,
} from '../../kernel/limits.js';
import { WEBAUTHN_AUTHENTICATOR_DATA_BYTES as HEAD_BYTES } from '../../kernel/token/operation.js';
import { readAuthenticatorHead, type AuthenticatorHead } from '../assertion/authenticatorData.js';
import { relyingPartyHash, type RelyingParty } from '../assertion/relyingParty.js';
import type { Authenticator } from './person.js';

/** A key that was made in an authenticator, as it described itself. */
export interface NewAuthenticator extends Authenticator {
  /** P-256 or Ed25519. */
  readonly publicJwk: JWK;
}

/** The model of the authenticator (AAGUID), which nobody vouches for. */
const AAGUID_BYTES = 16;
const ID_LENGTH_AT = HEAD_BYTES + AAGUID_BYTES;
const ID_AT = ID_LENGTH_AT + 2;
const KEY_BYTES = 32;

/**
 * The two forms of a COSE key that we take (RFC 9053 §7.1, §7.2), as hexadecimal text up to the first coordinate and
 * between the two. Authenticators write canonical CBOR without further members (WebAuthn §6.5.1.1, CTAP2 §8), so that
 * a key has one spelling, and is read by comparison.
 */
const COSE_ES256 = { start: 'a5010203262001215820', between: '225820' } as const;
const COSE_ED25519 = { start: 'a4010103272006215820' } as const;

/**
 * Reads the authenticator data of a new key: made for this municipality's front ends, by a person whom the
 * authenticator verified. Attestation is not asked for: who enters the key has seen where it was made.
 * @param authenticatorData base64url, as {@link newTerminalPasskey} of the client gives it
 * @throws KuramoriError BAD_INPUT, facts `{rule}`; CONFIGURATION_INVALID when the vault has no relying party
 */
export function readNewAuthenticator(
  authenticatorData: string,
  party: RelyingParty | undefined,
): NewAuthenticator {
  if (party === undefined) throw noRelyingParty();
  const data = Buffer.from(authenticatorData, 'base64url');
  if (data.toString('base64url') !== authenticatorData) throw refused('form');
  if (data.length < ID_AT || data.length > WEBAUTHN_REGISTRATION_BYTES_MAX) throw refused('form');
  const head = readAuthenticatorHead(data);
  assertMadeForUs(head, party);
  const idBytes = data.readUInt16BE(ID_LENGTH_AT);
  if (idBytes < WEBAUTHN_CREDENTIAL_ID_BYTES_MIN || idBytes > WEBAUTHN_CREDENTIAL_ID_BYTES_MAX)
    throw refused('form');
  const { publicJwk, bytes } = coseKey(data.subarray(ID_AT + idBytes));
  // Behind the key stand what extensions say, where there are any: nothing of it is used.
  if (!head.extensions && data.length !== ID_AT + idBytes + bytes) throw refused('form');
  return {
    publicJwk,
    webauthnId: data.subarray(ID_AT, ID_AT + idBytes).toString('base64url'),
    counter: head.counter,
    backupEligible: head.backupEligible,
    backedUp: head.backedUp,
  };
}

function assertMadeForUs(head: AuthenticatorHead, party: RelyingParty): void {
  if (!head.credentialData) throw refused('form');
  if (!head.relyingPartyHash.equals(relyingPartyHash(party))) throw refused('relyingParty');
  if (!head.userPresent || !head.userVerified) throw refused('userVerification');
  if (head.backedUp && !head.backupEligible) throw refused('form');
}

/** @returns the key, and how many bytes it had */
function coseKey(data: Buffer): { readonly publicJwk: JWK; readonly bytes: number } {
  const at = COSE_ES256.start.length / 2;
  const coordinate = (from: number): string => data.subarray(from, from + KEY_BYTES).toString('base64url');
  if (isAt(data, 0, COSE_ED25519.start))
    return sound({ kty: 'OKP', crv: 'Ed25519', x: coordinate(at) }, at + KEY_BYTES);
  const next = at + KEY_BYTES + COSE_ES256.between.length / 2;
  if (!isAt(data, 0, COSE_ES256.start) || !isAt(data, at + KEY_BYTES, COSE_ES256.between))
    throw refused('algorithm');
  return sound({ kty: 'EC', crv: 'P-256', x: coordinate(at), y: coordinate(next) }, next + KEY_BYTES);
}

function isAt(data: Buffer, at: number, hex: string): boolean {
  return data.subarray(at, at + hex.length / 2).toString('hex') === hex;
}

/** OpenSSL refuses a coordinate that was cut off, and a point that is not on the curve. */
function sound(publicJwk: JWK, bytes: number): { readonly publicJwk: JWK; readonly bytes: number } {
  try {
    createPublicKey({ key: publicJwk, format: 'jwk' });
  } catch {
    throw refused('key');
  }
  return { publicJwk, bytes };
}

function refused(rule: 'form' | 'relyingParty' | 'userVerification' | 'algorithm' | 'key'): KuramoriError {
  return new KuramoriError(
    'BAD_INPUT',
    'The authenticator data are not those of a new key that was made for this municipality with user verification. ' +
      'Make it on the terminal with the client package.',
    { rule },
  );
}

function noRelyingParty(): KuramoriError {
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    'This vault takes no keys of authenticators. Set KURAMORI_VAULT_WEBAUTHN_RP_ID and ' +
      'KURAMORI_VAULT_WEBAUTHN_ORIGINS.',
  );
}
