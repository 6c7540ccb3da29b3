import { sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalText, utf8 } from '../../kernel/canonical.js';
import { KuramoriError } from '../../kernel/errors.js';
import { INTERMEDIARY_SIGNING_KEYS_MAX } from '../../kernel/limits.js';
import { bodyCode, signatureText } from './codes.js';

/** The public Ed25519 keys (RFC 8037, base64url) with which a body's system signs from now on. */
const signingKeysForm = z.strictObject({
  bodyCode,
  keys: z
    .array(z.string().regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/))
    .min(1)
    .max(INTERMEDIARY_SIGNING_KEYS_MAX),
});

/**
 * What a system sends to make its keys known: the first time on the strength of its certificate, afterwards signed by
 * one of the keys that are known.
 */
export const signingKeysRequestForm = signingKeysForm.extend({ signature: signatureText.exactOptional() });

export type SigningKeys = z.output<typeof signingKeysForm>;
export type SigningKeysRequest = z.output<typeof signingKeysRequestForm>;

/** Signs a list of keys with one that is known already. @param key private Ed25519 key */
export function signSigningKeys(list: SigningKeys, key: KeyObject): SigningKeysRequest {
  return { ...list, signature: sign(null, listBytes(list), key).toString('base64url') };
}

/** Whether a list was signed by one of the keys. */
export function isSignedByOneOf(request: SigningKeysRequest, known: readonly KeyObject[]): boolean {
  const { signature, ...list } = request;
  if (signature === undefined) return false;
  const bytes = Buffer.from(signature, 'base64url');
  return known.some((key) => verify(null, listBytes(list), key, bytes));
}

function listBytes({ bodyCode, keys }: SigningKeys): Uint8Array {
  const refuse = () => {
    throw new KuramoriError('BAD_INPUT', 'The list of signing keys has no canonical form.');
  };
  return utf8(canonicalText({ bodyCode, keys, use: 'spi-intermediary/1 signing keys' }, { refuse }));
}
