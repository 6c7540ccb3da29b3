import { CredentialRefusal } from '../../kernel/token/refusal.js';
import type { Assertion } from '../assertion/assertion.js';
import { assertRefs } from '../assertion/digest.js';
import type { VaultRef } from '../number/vaultRef.js';

/**
 * The subjects of an operation over any number of them: the reference that was signed, or those of the body whose
 * digest was.
 * @throws KuramoriError UNAUTHENTICATED when the body names others than were signed
 */
export function subjectRefs(
  assertion: Pick<Assertion, 'ref' | 'refsDigest' | 'count'>,
  refs: readonly VaultRef[] | undefined,
): readonly VaultRef[] {
  if (assertion.ref !== undefined && refs === undefined) return [assertion.ref];
  if (refs === undefined) throw new CredentialRefusal('binding');
  assertRefs(assertion, refs);
  return refs;
}

/** The one subject that was signed. @throws KuramoriError UNAUTHENTICATED when none or several were */
export function subjectRef({ ref }: Pick<Assertion, 'ref'>): VaultRef {
  if (ref === undefined) throw new CredentialRefusal('binding');
  return ref;
}
