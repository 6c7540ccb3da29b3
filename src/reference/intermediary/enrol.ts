import { createPublicKey, type KeyObject } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { isSignedByOneOf, type SigningKeysRequest } from '../../protocol/intermediary/signingKeys.js';
import { SIGNING_KEYS, type Body } from './body.js';

const LIST = 'list';

/** The keys with which a body's system signs; none before it has made any known. */
export function signingKeysOf({ store }: Body): KeyObject[] {
  const keys = store.table<readonly string[]>(SIGNING_KEYS).get(LIST) ?? [];
  return keys.map((x) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
}

/**
 * Takes the keys with which a body's system signs. The first list is believed on the strength of the certificate; a
 * later one must be signed by a key of the list before, so that a stolen certificate alone cannot bring its own.
 * @throws KuramoriError UNAUTHENTICATED
 */
export async function enrolSigningKeys(body: Body, request: SigningKeysRequest): Promise<void> {
  const known = signingKeysOf(body);
  const isKnown = JSON.stringify(body.store.table(SIGNING_KEYS).get(LIST)) === JSON.stringify(request.keys);
  if (isKnown) return;
  if (request.bodyCode !== body.bodyCode || (known.length > 0 && !isSignedByOneOf(request, known))) {
    throw new KuramoriError(
      'UNAUTHENTICATED',
      'The list of signing keys is not of this body, or not signed by a key that is known.',
    );
  }
  await body.store.commit([[SIGNING_KEYS, LIST, request.keys]]);
}
