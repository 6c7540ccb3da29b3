import { base64url, compactVerify, importJWK, type CryptoKey } from 'jose';
import { ANCHOR_KEYS_MAX, VAULT_SIGNED_CHARS_MAX } from '../kernel/limits.js';
import { compactParts, hasExactly, jsonObject } from './compact.js';
import { refuseInput } from './refusal.js';

/**
 * 信頼の基点: the public keys of class `certificate` of the municipality's vault, as `kuramori vault anchor` prints them
 * (JWK set). Operators ship it with the front end: what comes by the gateway cannot vouch for the gateway.
 */
export interface Anchor {
  readonly keys: readonly AnchorJwk[];
}

/** One key of an anchor, as JSON holds it. */
export interface AnchorJwk {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  /** Class and version of the key, `certificate-3`. */
  readonly kid?: string;
  readonly use?: string;
  readonly alg?: string;
}

/** What the vault signs for clients. One kind never stands for another (RFC 8725 §3.11). */
export type VaultSignedType = 'input-keys+jwt' | 'number+jwt' | 'account+jwt';

/** A key of any other class has another name, and is no anchor whatever it signs. */
const CERTIFICATE_KEY = /^certificate-[1-9][0-9]{0,8}$/;
const BASE64URL_32_BYTES = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const HEADER_MEMBERS = ['alg', 'kid', 'typ'];

/**
 * Refuses an anchor that is none, before anything rests on it.
 *
 * @throws KuramoriError BAD_INPUT, facts `{field: 'anchor'}`: no key, too many, two of one name, or a key that is not a
 *   public Ed25519 key of class `certificate`
 */
export function checkAnchor({ keys }: Anchor): void {
  if (!isList(keys) || keys.length === 0 || keys.length > ANCHOR_KEYS_MAX)
    refuseInput('anchor', 'The anchor must be the set of keys that kuramori vault anchor prints.');
  if (!keys.every(isCertificateKey))
    refuseInput('anchor', 'The anchor holds a key that is no public key of class certificate.');
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)
    refuseInput('anchor', 'The anchor has two keys of one name.');
}

/**
 * Opens what the vault signed (compact JWS, Ed25519).
 *
 * @param typ the one kind that this place takes
 * @param anchor any key of it may have signed, by its `kid`
 * @returns the payload, or nothing when no key of the anchor signed such a thing
 * @throws KuramoriError BAD_INPUT as {@link checkAnchor}
 */
export async function openSigned(
  jws: unknown,
  typ: VaultSignedType,
  anchor: Anchor,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  checkAnchor(anchor);
  const [header] = compactParts(jws, 3, VAULT_SIGNED_CHARS_MAX) ?? [];
  const key = header === undefined ? undefined : await signer(base64url.decode(header), typ, anchor);
  if (key === undefined) return undefined;
  try {
    const { payload } = await compactVerify(jws as string, key, { algorithms: ['EdDSA'] });
    return jsonObject(payload);
  } catch {
    return undefined;
  }
}

/** Before any key is used: exactly our members, so that no `crit`, `jku` or `jwk` is ever followed. */
async function signer(bytes: Uint8Array, typ: string, { keys }: Anchor): Promise<CryptoKey | undefined> {
  const header = jsonObject(bytes);
  if (header === undefined || !hasExactly(header, HEADER_MEMBERS)) return undefined;
  if (header['alg'] !== 'EdDSA' || header['typ'] !== typ) return undefined;
  const jwk = keys.find(({ kid }) => kid === header['kid']);
  if (jwk === undefined) return undefined;
  return await importJWK({ kty: 'OKP', crv: 'Ed25519', x: jwk.x! }, 'EdDSA');
}

/** What comes out of a file need not be what its type says. */
function isList(keys: unknown): boolean {
  return Array.isArray(keys);
}

function isCertificateKey(jwk: AnchorJwk): boolean {
  const { kty, crv, x, kid, use } = jwk;
  if (kty !== 'OKP' || crv !== 'Ed25519' || (use ?? 'sig') !== 'sig' || 'd' in jwk) return false;
  return CERTIFICATE_KEY.test(kid ?? '') && BASE64URL_32_BYTES.test(x ?? '');
}
