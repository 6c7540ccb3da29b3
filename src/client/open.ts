import { base64url, compactDecrypt } from 'jose';
import { SEALED_NUMBER_CHARS_MAX } from '../kernel/limits.js';
import { openSigned, type Anchor } from './anchor.js';
import { compactParts, hasExactly, jsonObject } from './compact.js';
import type { ReaderKey } from './keys.js';
import { refuseSealed } from './refusal.js';

/** What the number was asked for with: the reference and the assertion's own number. */
export interface AskedFor {
  readonly ref: string;
  readonly jti: string;
}

const HEADER_MEMBERS = ['alg', 'cty', 'enc', 'epk', 'kid', 'typ'];
const NUMBER = /^[0-9]{12}$/;

/**
 * Opens a number that the vault sealed to this reader, and checks that the vault wrote it and that it answers this very
 * request. Anybody can seal to a key that the gateway carries; only the vault signs (`number+jwt`, within the JWE).
 *
 * @param anchor shipped with the front end, never fetched
 * @returns the twelve digits: show them for at most 60 s (handbook 10 §5), keep them nowhere
 * @throws KuramoriError INTEGRITY_FAILURE, always the same: another form, `typ`, `kid`, algorithm or key, tampered
 *   with, not signed by a key of the anchor, or made for another reference or assertion; BAD_INPUT for an anchor that
 *   is none
 *
 * @example
 * const digits = await openSealed(readerKey, jwe, { ref, jti }, anchor);
 */
export async function openSealed(
  readerKey: ReaderKey,
  jwe: string,
  asked: AskedFor,
  anchor: Anchor,
): Promise<string> {
  return numberOf(await openToken(readerKey, jwe, 'number', anchor), asked);
}

/** What the vault sealed to this reader, of one kind, with the vault's signature in it. */
export async function openToken(
  readerKey: ReaderKey,
  jwe: string,
  kind: 'number' | 'account',
  anchor: Anchor,
): Promise<Readonly<Record<string, unknown>>> {
  checkHeader(jwe, readerKey.thumbprint, `${kind}+jwe`);
  const jws = new TextDecoder().decode(await decrypt(readerKey, jwe));
  return (await openSigned(jws, `${kind}+jwt`, anchor)) ?? refuseSealed();
}

/** Before any key is used: exactly our members, so that no `zip`, `crit`, `apu`, `jku` or `jwk` is ever followed. */
function checkHeader(jwe: unknown, thumbprint: string, typ: string): void {
  const [encoded] = compactParts(jwe, 5, SEALED_NUMBER_CHARS_MAX) ?? refuseSealed();
  const header = jsonObject(base64url.decode(encoded!)) ?? refuseSealed();
  if (
    !hasExactly(header, HEADER_MEMBERS) ||
    header['alg'] !== 'ECDH-ES' ||
    header['enc'] !== 'A256GCM' ||
    header['typ'] !== typ ||
    // RFC 7519 §5.2: what is sealed is a token again.
    header['cty'] !== 'JWT' ||
    header['kid'] !== thumbprint
  )
    refuseSealed();
}

async function decrypt({ privateKey }: ReaderKey, jwe: string): Promise<Uint8Array> {
  try {
    const { plaintext } = await compactDecrypt(jwe, privateKey, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return plaintext;
  } catch {
    return refuseSealed();
  }
}

/** Refuses what does not answer this very request. */
export function checkAsked(claims: Readonly<Record<string, unknown>>, { ref, jti }: AskedFor): void {
  const { v, iat } = claims;
  // When it was signed is not held against the terminal's clock: `jti` is of this request alone.
  if (v !== 1 || !Number.isSafeInteger(iat) || claims['ref'] !== ref || claims['jti'] !== jti) refuseSealed();
}

function numberOf(claims: Readonly<Record<string, unknown>>, asked: AskedFor): string {
  const { number } = claims;
  checkAsked(claims, asked);
  if (typeof number !== 'string' || !NUMBER.test(number)) refuseSealed();
  return number;
}
