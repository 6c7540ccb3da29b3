import { canonicalText } from '../canonical.js';
import {
  OPERATION_CLAIM_CHARS_MAX,
  TOKEN_BYTES_MAX,
  WEBAUTHN_CLIENT_DATA_BYTES_MAX,
  WEBAUTHN_SIGNATURE_BYTES_MAX,
} from '../limits.js';
import { strictJsonObject, type JsonObject } from './json.js';
import { base64urlBytes, parseJws, type ParsedJws } from './jws.js';
import { CredentialRefusal } from './refusal.js';

/**
 * First part of an assertion that an authenticator signed. No part of a JWS or a JWE has a `+`, and neither has six
 * parts: one form never stands for the other.
 */
const WEBAUTHN_FORM = 'op+webauthn';

/** WebAuthn §6.1: RP id hash, flags and counter. With credential data or extensions it is longer, and no assertion. */
export const WEBAUTHN_AUTHENTICATOR_DATA_BYTES = 37;

/** An assertion by WebAuthn that was taken apart but proves nothing yet. */
export interface ParsedWebauthn {
  /** Id of the key in the vault's register. No signature covers it: a key of somebody else verifies nothing. */
  readonly kid: string;
  readonly claims: JsonObject;
  /** The RFC 8785 text of the claims, whose SHA-256 is the challenge. */
  readonly payload: Uint8Array;
  /** 37 bytes. */
  readonly authenticatorData: Buffer;
  readonly clientDataJson: Buffer;
  readonly signature: Uint8Array;
}

/** An assertion of one operation (操作認証), by a terminal's Ed25519 key or by an authenticator. */
export type ParsedOperation =
  | ({ readonly by: 'jws' } & ParsedJws)
  | ({ readonly by: 'webauthn' } & ParsedWebauthn);

const charsOf = (bytes: number): number => Math.ceil((bytes * 4) / 3);

const COMPACT = new RegExp(
  [
    String.raw`^op\+webauthn`,
    String.raw`([\w-]+)`,
    String.raw`([\w-]{1,${OPERATION_CLAIM_CHARS_MAX}})`,
    String.raw`([\w-]{${charsOf(WEBAUTHN_AUTHENTICATOR_DATA_BYTES)}})`,
    String.raw`([\w-]{1,${charsOf(WEBAUTHN_CLIENT_DATA_BYTES_MAX)}})`,
    String.raw`([\w-]{1,${charsOf(WEBAUTHN_SIGNATURE_BYTES_MAX)}})$`,
  ].join(String.raw`\.`),
);

/**
 * Takes the assertion of an operation apart, in either of its two forms (handbook 15 §5): a compact JWS of `typ`
 * `op+jwt`, or `op+webauthn.<payload>.<key>.<authenticatorData>.<clientDataJSON>.<signature>`, each part but the key
 * in base64url. The payload is the second part of both. Nothing is proved yet.
 * @throws CredentialRefusal
 */
export function parseOperation(token: string): ParsedOperation {
  if (!token.startsWith(`${WEBAUTHN_FORM}.`)) return { by: 'jws', ...parseJws(token, ['op+jwt']) };
  if (token.length > TOKEN_BYTES_MAX) throw new CredentialRefusal('oversized');
  const parts = COMPACT.exec(token);
  if (parts === null) throw new CredentialRefusal('malformed');
  const [, payload, kid, authenticatorData, clientDataJson, signature] = parts as unknown as readonly [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    by: 'webauthn',
    kid,
    ...claimsOf(base64urlBytes(payload)),
    authenticatorData: base64urlBytes(authenticatorData),
    clientDataJson: base64urlBytes(clientDataJson),
    signature: base64urlBytes(signature),
  };
}

/** What is signed is the canonical text; another spelling of the same claims is another token. */
function claimsOf(payload: Buffer): Pick<ParsedWebauthn, 'claims' | 'payload'> {
  const claims = strictJsonObject(payload);
  const canonical = canonicalText(claims, { refuse: malformed });
  if (canonical !== payload.toString('utf8')) malformed();
  return { claims, payload };
}

function malformed(): never {
  throw new CredentialRefusal('malformed');
}
