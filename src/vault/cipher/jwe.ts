import type { KeyObject } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, importJWK } from 'jose';
import { KuramoriError } from '../../kernel/errors.js';
import { SEALED_CHARS_MAX, SEALED_PAYLOAD_BYTES_MAX } from '../../kernel/limits.js';
import { strictJsonObject, type JsonObject } from '../../kernel/token/json.js';
import { integrityFailure } from './integrity.js';
import { p256PublicJwk, p256PublicJwkOf, thumbprint } from './p256.js';

/** `number+jwe`, `account+jwe`: what is shown to a reader. `input+jwe`: what a terminal seals to the vault. */
export type SealedType = 'number+jwe' | 'account+jwe' | 'input+jwe';

const RFC7518_ECDH_ES = 'ECDH-ES';
const RFC7518_A256GCM = 'A256GCM';
/** What is sealed: a token of the vault (RFC 7519 §5.2), or the members of an input. */
const CONTENT_TYPES: Readonly<Record<SealedType, string>> = {
  'number+jwe': 'JWT',
  'account+jwe': 'JWT',
  'input+jwe': 'json',
};

/** Every member that the header has: with one more, such as `zip`, `crit` or `jku`, it is refused. */
const HEADER_MEMBERS = ['alg', 'cty', 'enc', 'epk', 'kid', 'typ'];
const EPK_MEMBERS = ['crv', 'kty', 'x', 'y'];

/** Compact form (RFC 7516 §7.1) of ECDH-ES: no wrapped key, 96 bits of nonce, all 128 bits of the tag. */
const RFC7516_COMPACT = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})$/;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * Seals a payload to one key, which is the only thing that opens it again (JWE, RFC 7516; ECDH-ES, RFC 7518 §4.6).
 * @param recipient public P-256 key as JWK, from outside
 * @param payload a token or JSON, as bytes, at most SEALED_PAYLOAD_BYTES_MAX; wiping it stays with the caller
 * @returns compact JWE whose `kid` is the thumbprint of the key
 * @throws KuramoriError BAD_INPUT when the key is not sound; INTERNAL when the payload is over its limit
 * @example
 * const jwe = await sealTo(readerJwk, 'number+jwe', payload);
 */
export async function sealTo(recipient: unknown, typ: SealedType, payload: Uint8Array): Promise<string> {
  const jwk = p256PublicJwk(recipient);
  if (payload.length > SEALED_PAYLOAD_BYTES_MAX) {
    throw new KuramoriError('INTERNAL', 'A payload to seal is over its limit. Seal less at once.');
  }
  return new CompactEncrypt(payload)
    .setProtectedHeader({
      alg: RFC7518_ECDH_ES,
      enc: RFC7518_A256GCM,
      kid: thumbprint(jwk),
      typ,
      cty: CONTENT_TYPES[typ],
    })
    .encrypt(await importJWK({ ...jwk }, RFC7518_ECDH_ES));
}

/**
 * The `kid` of a sealed text, to find the private key by. Its form is checked, nothing is proved yet.
 * @throws KuramoriError BAD_INPUT when it is over its size or not of the agreed form
 */
export function recipientOf(jwe: string): string {
  return checkedHeader(jwe).kid;
}

/**
 * Opens what was sealed to a key of ours. The caller wipes the result after use.
 * @param privateKey P-256
 * @param expected the kind that this place takes, and the thumbprint of the key: one kind never stands for another
 * @throws KuramoriError BAD_INPUT when it is over its size or not of the agreed form;
 *   INTEGRITY_FAILURE when it is of another kind, for another key, or altered
 */
export async function openSealed(
  privateKey: KeyObject,
  jwe: string,
  expected: { readonly typ: SealedType; readonly kid: string },
): Promise<Uint8Array> {
  const { typ, kid } = checkedHeader(jwe);
  if (typ !== expected.typ || kid !== expected.kid) throw integrityFailure();
  try {
    if (thumbprint(p256PublicJwkOf(privateKey)) !== kid) throw integrityFailure();
    const { plaintext } = await compactDecrypt(jwe, privateKey, {
      keyManagementAlgorithms: [RFC7518_ECDH_ES],
      contentEncryptionAlgorithms: [RFC7518_A256GCM],
    });
    return plaintext;
  } catch {
    throw integrityFailure();
  }
}

/**
 * Size, form and header, in this order, before any key is used (handbook 15 §4).
 * @throws KuramoriError BAD_INPUT
 */
function checkedHeader(jwe: string): { readonly typ: unknown; readonly kid: string } {
  if (jwe.length > SEALED_CHARS_MAX) throw malformed();
  const parts = RFC7516_COMPACT.exec(jwe)?.slice(1) ?? [];
  const [header] = parts;
  if (header === undefined || !parts.every(isCanonical)) throw malformed();
  const members = jsonObject(Buffer.from(header, 'base64url'));
  const { alg, enc, cty, kid, typ, epk } = members;
  if (!hasExactly(members, HEADER_MEMBERS) || !hasExactly(epk, EPK_MEMBERS)) throw malformed();
  if (alg !== RFC7518_ECDH_ES || enc !== RFC7518_A256GCM || cty !== contentTypeOf(typ)) throw malformed();
  if (typeof kid !== 'string' || !THUMBPRINT.test(kid)) throw malformed();
  assertEphemeral(epk);
  return { typ, kid };
}

/** Of another `typ` nothing is known: it is read as far as an input is, and refused for its kind. */
function contentTypeOf(typ: unknown): string {
  return CONTENT_TYPES[typ === 'number+jwe' || typ === 'account+jwe' ? typ : 'input+jwe'];
}

/** A member that occurs twice is refused too: two parsers could read two headers. */
function jsonObject(bytes: Uint8Array): JsonObject {
  try {
    return strictJsonObject(bytes);
  } catch {
    throw malformed();
  }
}

function assertEphemeral(epk: unknown): void {
  try {
    p256PublicJwk(epk);
  } catch {
    throw malformed();
  }
}

function hasExactly(object: unknown, members: readonly string[]): boolean {
  return (
    typeof object === 'object' && object !== null && Object.keys(object).toSorted().join() === members.join()
  );
}

/** Two spellings of the same bytes would be two texts with one meaning: the canonical one alone is read. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

function malformed(): KuramoriError {
  return new KuramoriError(
    'BAD_INPUT',
    'The sealed value has not the agreed form. Seal it with the client package to the published key of the vault.',
    { rule: 'sealed' },
  );
}
