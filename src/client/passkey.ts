import { base64url } from 'jose';
import { utf8 } from '../kernel/canonical.js';
import { WEBAUTHN_ENROLMENT_MS_MAX, WEBAUTHN_GESTURE_MS_MAX } from '../kernel/limits.js';
import { askAuthenticator, textOf } from './authenticators.js';
import { refuseInput } from './refusal.js';

/**
 * A key in an authenticator (WebAuthn) with which a terminal signs, in the place of a {@link TerminalKey}. Nothing in
 * it is secret: a front end keeps it where it likes.
 */
export interface TerminalPasskey {
  /** RP id for which it was made, as the vault is configured. */
  readonly rpId: string;
  /** Its id at the authenticator, base64url. */
  readonly webauthnId: string;
}

/** A key that was just made, and what the vault's register wants of it. */
export interface NewTerminalPasskey {
  readonly passkey: TerminalPasskey;
  /** Of the new key, base64url: member `authenticatorData` of the register's entry `credential`. */
  readonly authenticatorData: string;
}

/** For whom a key is made. */
export interface PasskeyHolder {
  /** RP id of the vault: the page's domain, or a domain that the page's is in. */
  readonly rpId: string;
  /** What the browser shows as the asking party, such as the municipality's name. */
  readonly rpName: string;
  /** `P-1029` */
  readonly personId: string;
  /** What the browser shows of the person. */
  readonly displayName: string;
  /** Keys that are there already: an authenticator that has one of them makes no other. */
  readonly others?: readonly TerminalPasskey[];
}

/** COSE algorithms in the order in which they are wished for: ES256, and EdDSA with Ed25519 (RFC 9053 §2). */
const RFC9053_ES256 = -7;
const RFC9053_EDDSA = -8;
const RANDOM_BYTES = 32;
/** Letters of the ids that the vault gives to keys; a part of an assertion in which an authenticator signed. */
const KEY_ID = /^[\w-]+$/;

/**
 * Has an authenticator make a key for a person at this terminal, with the person verified. The vault believes it once
 * its register has it.
 *
 * @throws KuramoriError UNAUTHENTICATED when the authenticator made none
 *
 * @example
 * const { passkey, authenticatorData } = await newTerminalPasskey({
 *   rpId: 'tax.city.example.jp', rpName: 'みほん市', personId: 'P-1029', displayName: '城島 涼',
 * });
 * showForEnrolment({ personId: 'P-1029', terminalId: 'T-0417', authenticatorData });
 */
export async function newTerminalPasskey(holder: PasskeyHolder): Promise<NewTerminalPasskey> {
  const { rpId, rpName, personId, displayName, others = [] } = holder;
  const { rawId, response } = await askAuthenticator('create', {
    rp: { id: rpId, name: rpName },
    // The person's id at the authenticator says nothing to whoever finds it.
    user: { id: randomBytes(), name: personId, displayName },
    // Nobody attests the key, so that nothing depends on its challenge.
    challenge: randomBytes(),
    pubKeyCredParams: [RFC9053_ES256, RFC9053_EDDSA].map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: others.map(({ webauthnId }) => descriptorOf(webauthnId)),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
    attestation: 'none',
    timeout: WEBAUTHN_ENROLMENT_MS_MAX,
  });
  return {
    passkey: { rpId, webauthnId: textOf(rawId) },
    authenticatorData: textOf(response.getAuthenticatorData()),
  };
}

/**
 * Has an authenticator sign the claims of an assertion: the challenge is the SHA-256 of their canonical text
 * (handbook 15 §5).
 * @param credentialId of the key in the vault's register
 * @returns `op+webauthn.<claims>.<credentialId>.<authenticatorData>.<clientDataJSON>.<signature>`
 * @throws KuramoriError UNAUTHENTICATED when it was not signed; BAD_INPUT for an id that is none of the vault's
 */
export async function signByPasskey(
  { rpId, webauthnId }: TerminalPasskey,
  credentialId: string,
  claimsText: string,
): Promise<string> {
  if (!KEY_ID.test(credentialId)) refuseInput('credentialId', 'The credentialId does not have its form.');
  const { response } = await askAuthenticator('get', {
    challenge: await globalThis.crypto.subtle.digest('SHA-256', utf8(claimsText)),
    rpId,
    allowCredentials: [descriptorOf(webauthnId)],
    userVerification: 'required',
    timeout: WEBAUTHN_GESTURE_MS_MAX,
  });
  const { authenticatorData, clientDataJSON, signature } = response;
  return [
    'op+webauthn',
    base64url.encode(claimsText),
    credentialId,
    ...[authenticatorData, clientDataJSON, signature].map(textOf),
  ].join('.');
}

function descriptorOf(webauthnId: string) {
  return { type: 'public-key', id: base64url.decode(webauthnId) };
}

function randomBytes(): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
}
