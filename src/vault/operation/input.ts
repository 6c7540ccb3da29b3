import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { openSealed, recipientOf } from '../cipher/jwe.js';
import { wipe } from '../cipher/wipe.js';
import type { Assertion } from '../assertion/assertion.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import type { VaultContext } from '../context.js';

const inputForm = z.strictObject({
  v: z.literal(1),
  kind: z.enum(['number', 'totp', 'breakGlass']),
  value: z.string(),
  jti: z.string(),
});

/**
 * Opens what a terminal sealed to the vault. It serves in the one operation that it was made for: its `jti` is that of
 * the assertion it came with.
 * @throws KuramoriError BAD_INPUT when it has not the agreed form; INTEGRITY_FAILURE when it does not open;
 *   UNAUTHENTICATED when it was made for another operation
 */
export async function openInput(
  { seal }: Pick<VaultContext, 'seal'>,
  { jti }: Pick<Assertion, 'jti'>,
  jwe: string,
  kind: z.output<typeof inputForm>['kind'],
): Promise<string> {
  const kid = recipientOf(jwe);
  const key = seal.keyRing.uncompromised('input').find((each) => each.kid === kid);
  if (key === undefined) {
    const sentence =
      'The value was sealed to a key that the vault does not open any more. Fetch its keys and seal again.';
    throw new KuramoriError('BAD_INPUT', sentence, { rule: 'sealedTo' });
  }
  const plaintext = await openSealed(key.privateKey, jwe, { typ: 'input+jwe', kid });
  try {
    const input = inputForm.safeParse(parsed(plaintext));
    if (!input.success || input.data.kind !== kind) {
      const sentence = 'What was sealed has not the agreed form. Seal it with the client package.';
      throw new KuramoriError('BAD_INPUT', sentence, { rule: 'sealed' });
    }
    if (input.data.jti !== jti) throw new CredentialRefusal('binding');
    return input.data.value;
  } finally {
    wipe(plaintext);
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
