import { calculateJwkThumbprint, importJWK, type CryptoKey } from 'jose';
import {
  INPUT_KEYS_EARLY_MS_MAX,
  INPUT_KEYS_PUBLISHED_MAX,
  INPUT_KEYS_SIGNED_SECONDS,
} from '../kernel/limits.js';
import { openSigned, type Anchor } from './anchor.js';
import { hostClock } from './clock.js';
import type { SealingPublicJwk } from './keys.js';
import { refuseKeys } from './refusal.js';

/** A key to which is sealed, as the vault publishes it. */
export interface PublishedJwk extends SealingPublicJwk {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly use: 'enc';
  readonly alg: 'ECDH-ES';
}

/** Whose keys are expected, and when it is now. */
export interface KeysExpected {
  /** The six digits of 全国地方公共団体コード. */
  readonly municipality: string;
  /** Milliseconds since the epoch; the host's clock by default. */
  readonly now?: () => number;
}

interface KeyList {
  readonly municipality: string;
  readonly jwks: readonly [PublishedJwk, ...PublishedJwk[]];
  /** Seconds since the epoch; the second one is exclusive. */
  readonly period: readonly [issuedAt: number, expiresAt: number];
}

/** 32 bytes, in the one spelling whose spare bits are zero: another spelling would be another thumbprint. */
const COORDINATE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const MS_PER_SECOND = 1_000;

/**
 * Keys to seal to that the vault itself vouches for, for a day at most. {@link verifyPublishedKeys} alone makes it: a
 * key that was merely handed over is no `VaultKeys`, to the compiler and at run time.
 */
export class VaultKeys {
  readonly municipality: string;
  /** Newest first; the first is the one that is sealed to. */
  readonly jwks: KeyList['jwks'];
  /** Milliseconds since the epoch, exclusive. */
  readonly expiresAtMs: number;
  readonly #key: CryptoKey;

  private constructor({ municipality, jwks, period }: KeyList, key: CryptoKey) {
    [this.municipality, this.jwks, this.expiresAtMs] = [municipality, jwks, period[1] * MS_PER_SECOND];
    this.#key = key;
  }

  /** As {@link verifyPublishedKeys}. */
  static async verified(signed: string, anchor: Anchor, expected: KeysExpected): Promise<VaultKeys> {
    const { municipality, now = hostClock } = expected;
    const list = keyList((await openSigned(signed, 'input-keys+jwt', anchor)) ?? refuseKeys('signature'));
    if (list.municipality !== municipality) refuseKeys('municipality');
    if (now() < list.period[0] * MS_PER_SECOND - INPUT_KEYS_EARLY_MS_MAX) refuseKeys('time');
    const [key] = await Promise.all(list.jwks.map(importKey));
    const vaultKeys = new VaultKeys(list, key!);
    vaultKeys.toSealTo(now);
    return vaultKeys;
  }

  /** The key that is sealed to, and its name. @throws KuramoriError INTEGRITY_FAILURE once the list has expired */
  toSealTo(now: () => number): { readonly key: CryptoKey; readonly kid: string } {
    // A gateway in other hands would go on handing out the list with a key that was given up.
    if (now() >= this.expiresAtMs) refuseKeys('time');
    return { key: this.#key, kid: this.jwks[0].kid };
  }
}

/**
 * Verifies the list of keys that the vault publishes, which comes by the gateway: whoever holds the gateway could put
 * a key of their own in its place and read what is sealed.
 *
 * @param signed `signed` of `GET /v1/keys`: compact JWS, `typ` `input-keys+jwt`
 * @param anchor shipped with the front end, never fetched
 * @throws KuramoriError INTEGRITY_FAILURE, facts `{rule}`: no key of the anchor signed it, it is of another
 *   municipality, expired, or holds what is no key to seal to; BAD_INPUT for an anchor that is none
 *
 * @example
 * const { signed } = await fetchKeys();
 * const vaultKeys = await verifyPublishedKeys(signed, anchor, { municipality: '242012' });
 */
export function verifyPublishedKeys(
  signed: string,
  anchor: Anchor,
  expected: KeysExpected,
): Promise<VaultKeys> {
  return VaultKeys.verified(signed, anchor, expected);
}

/** Signed or not, what has not the form is not sealed to: a list of a later form says something we do not know. */
function keyList(claims: Readonly<Record<string, unknown>>): KeyList {
  const { v, municipality, keys, iat, exp } = claims;
  if (v !== 1 || typeof municipality !== 'string') return refuseKeys('form');
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || exp - iat > INPUT_KEYS_SIGNED_SECONDS)
    return refuseKeys('form');
  if (!Array.isArray(keys) || keys.length > INPUT_KEYS_PUBLISHED_MAX) return refuseKeys('form');
  const [newest, ...older] = keys.map(publishedJwk);
  if (newest === undefined) return refuseKeys('form');
  return { municipality, jwks: [newest, ...older], period: [iat, exp] };
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function publishedJwk(value: unknown): PublishedJwk {
  const jwk = { ...(value as object) } as Readonly<Record<string, unknown>>;
  const { kty, crv, x, y, kid, use, alg } = jwk;
  if (kty !== 'EC' || crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y)) return refuseKeys('form');
  // Secrets of the vault have no business on a terminal: whoever published one is stopped here.
  if (use !== 'enc' || alg !== 'ECDH-ES' || typeof kid !== 'string' || 'd' in jwk) return refuseKeys('form');
  return { kty, crv, x, y, kid, use, alg };
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && COORDINATE.test(value);
}

async function importKey({ kty, crv, x, y, kid }: PublishedJwk): Promise<CryptoKey> {
  if ((await calculateJwkThumbprint({ kty, crv, x, y }, 'sha256')) !== kid) refuseKeys('form');
  try {
    return await importJWK({ kty, crv, x, y }, 'ECDH-ES');
  } catch {
    // Not a point of the curve.
    return refuseKeys('form');
  }
}
