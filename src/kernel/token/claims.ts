import { CredentialRefusal } from './refusal.js';
import type { JsonObject } from './json.js';

/** Printable ASCII without a space: neither a database nor a log can stumble over it. */
const PLAIN_TEXT = /^[\x21-\x7e]{1,255}$/;

/** A claim that must be a plain text of 1 to 255 characters. @throws CredentialRefusal claims */
export function textClaim(claims: JsonObject, name: string): string {
  const value = claims[name];
  if (typeof value !== 'string' || !PLAIN_TEXT.test(value)) throw new CredentialRefusal('claims');
  return value;
}

/**
 * The period of a token: `nbf ≤ now < exp`, expiry exclusive, life within its limit (handbook 15 §4).
 * @param nowMs milliseconds since the epoch
 * @param lifeSecondsMax most that `exp − iat` may be
 * @returns `exp`, seconds since the epoch
 * @throws CredentialRefusal claims, time
 */
export function assertPeriod(claims: JsonObject, nowMs: number, lifeSecondsMax: number): number {
  const issuedAt = secondsClaim(claims['iat']);
  const expiresAt = secondsClaim(claims['exp']);
  const notBefore = claims['nbf'] === undefined ? issuedAt : secondsClaim(claims['nbf']);
  if (nowMs < notBefore * 1000 || nowMs >= expiresAt * 1000) throw new CredentialRefusal('time');
  if (expiresAt <= issuedAt || expiresAt - issuedAt > lifeSecondsMax) throw new CredentialRefusal('time');
  return expiresAt;
}

function secondsClaim(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new CredentialRefusal('claims');
  return value as number;
}
