import { createHash } from 'node:crypto';
import { canonicalText } from '../../kernel/canonical.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { Assertion } from './assertion.js';

/**
 * The digest that an assertion holds of its body: `sha256:` and the base64url SHA-256 of the RFC 8785 bytes.
 * @param body a JSON object as it was parsed
 * @throws KuramoriError UNAUTHENTICATED when it is not an object, or has no one canonical text within the limits
 */
export function bodyDigestOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new CredentialRefusal('malformed');
  return sha256(rfc8785(body));
}

/** The digest of several subjects: their references, sorted, as an RFC 8785 array. */
export function refsDigestOf(refs: readonly VaultRef[]): string {
  return sha256(rfc8785(refs.toSorted()));
}

/**
 * The body that came is the one that was signed.
 * @throws KuramoriError UNAUTHENTICATED, rule `binding`: whoever carried it has changed it
 */
export function assertBody({ bodyDigest }: Pick<Assertion, 'bodyDigest'>, body: unknown): void {
  if (bodyDigestOf(body) !== bodyDigest) throw new CredentialRefusal('binding');
}

/**
 * The subjects of the body are those that were signed, each named once.
 * @throws KuramoriError UNAUTHENTICATED, rule `binding`
 */
export function assertRefs(
  { refsDigest, count }: Pick<Assertion, 'refsDigest' | 'count'>,
  refs: readonly VaultRef[],
): void {
  const eachOnce = new Set(refs).size === refs.length;
  if (!eachOnce || refs.length !== count || refsDigestOf(refs) !== refsDigest)
    throw new CredentialRefusal('binding');
}

function rfc8785(value: unknown): string {
  return canonicalText(value, { refuse: malformed });
}

function malformed(): never {
  throw new CredentialRefusal('malformed');
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('base64url')}`;
}
