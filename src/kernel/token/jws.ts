import { createPrivateKey, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { KuramoriError } from '../errors.js';
import { TOKEN_BYTES_MAX } from '../limits.js';
import { CredentialRefusal } from './refusal.js';
import { strictJsonObject, type JsonObject } from './json.js';

/** The only algorithm, for every issuer (RFC 8037; RFC 8725 §3.1). */
export const RFC8037_ALGORITHM = 'EdDSA';

/** Three parts; the signature of Ed25519 has 64 bytes, 86 characters, so that an empty one is not even a token. */
const RFC7515_COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

/** A token that was taken apart but proves nothing yet. */
export interface ParsedJws {
  readonly kid: string;
  readonly claims: JsonObject;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/**
 * Size, form, `typ`, `alg` and header of a compact JWS, in the order of handbook 15 §4.
 * The header may hold `alg`, `typ` and `kid` and nothing else: `jku`, `x5u`, `jwk`, `x5c` and any `crit` are refused,
 * because the adversary would bring his own key with them.
 * @param types accepted `typ`, exact; one kind of token never stands for another
 * @param charsMax of the whole; messages between authorities may be longer than tokens
 * @throws CredentialRefusal
 */
export function parseJws(token: string, types: readonly string[], charsMax = TOKEN_BYTES_MAX): ParsedJws {
  if (token.length > charsMax) throw new CredentialRefusal('oversized');
  const [whole, header, payload, signature] = RFC7515_COMPACT.exec(token) ?? [];
  if (whole === undefined || header === undefined || payload === undefined || signature === undefined) {
    throw new CredentialRefusal(looksUnsigned(token) ? 'algorithm' : 'malformed');
  }
  const kid = checkedHeader(strictJsonObject(base64urlBytes(header)), types);
  return {
    kid,
    claims: strictJsonObject(base64urlBytes(payload)),
    signingInput: `${header}.${payload}`,
    signature: base64urlBytes(signature),
  };
}

/** @throws CredentialRefusal signature */
export function assertSignature(jws: ParsedJws, key: KeyObject): void {
  if (!verify(null, Buffer.from(jws.signingInput, 'ascii'), key, jws.signature))
    throw new CredentialRefusal('signature');
}

/**
 * The public Ed25519 key of a JWK (RFC 8037); private members are dropped.
 * @throws KuramoriError CONFIGURATION_INVALID when it is any other key
 */
export function ed25519PublicKey(jwk: JWK): KeyObject {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string') {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'A signing key must be an Ed25519 JWK (RFC 8037). Make a new one.',
    );
  }
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x }, format: 'jwk' });
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'A signing key is not a sound Ed25519 JWK. Make a new one.',
      {},
      { cause },
    );
  }
}

/**
 * The private Ed25519 key of a JWK.
 * @throws KuramoriError CONFIGURATION_INVALID when there is none, or its public part belongs to another key
 */
export function ed25519PrivateKey(jwk: JWK): KeyObject {
  const published = ed25519PublicKey(jwk);
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x), d: String(jwk.d) },
      format: 'jwk',
    });
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The signing key has no sound private part. Make a new one.',
      {},
      { cause },
    );
  }
  if (createPublicKey(key).equals(published)) return key;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The parts of the signing key do not belong together. Make a new one.',
  );
}

function checkedHeader(header: JsonObject, types: readonly string[]): string {
  const { alg, typ, kid } = header as { alg?: unknown; typ?: unknown; kid?: unknown };
  if (typeof typ !== 'string' || !types.includes(typ)) throw new CredentialRefusal('type');
  if (alg !== RFC8037_ALGORITHM) throw new CredentialRefusal('algorithm');
  if (typeof kid !== 'string') throw new CredentialRefusal('key');
  if (Object.keys(header).length !== 3) throw new CredentialRefusal('header');
  return kid;
}

/** `header.payload.` with an empty signature is the mark of `alg: none`. */
function looksUnsigned(token: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.$/.test(token);
}

/**
 * The bytes of a part of a token. Two spellings of the same bytes would be two tokens with one meaning: only the
 * canonical one is read.
 * @throws CredentialRefusal malformed
 */
export function base64urlBytes(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new CredentialRefusal('malformed');
  return bytes;
}
