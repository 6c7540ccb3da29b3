import { z } from 'zod';
import { epochSeconds } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { sealTo } from '../cipher/jwe.js';
import { p256PublicJwk, thumbprint } from '../cipher/p256.js';
import { wipe } from '../cipher/wipe.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { signToken } from '../signing/sign.js';
import { openNumber } from './opened.js';

const form = z.strictObject({ readerKey: z.unknown() });

/**
 * 閲覧: reference → number, signed by the vault and then sealed to the key that the terminal named in what it signed.
 * Whoever carries the answer cannot open it, cannot have it sealed to another key, and cannot seal one of their own.
 */
export async function reveal({ context, assertion, body }: EffectCall): Promise<Effect> {
  const { ref, jti, sealTo: asserted } = assertion;
  if (ref === undefined) throw new KuramoriError('INTERNAL', 'A reveal came this far without a reference.');
  const readerKey = p256PublicJwk(readBody(form, body).readerKey);
  if (thumbprint(readerKey) !== asserted) throw new CredentialRefusal('binding');
  const number = await openNumber(context, ref);
  try {
    const individualNumber = await number.withPlaintext(async (digits) => {
      const iat = epochSeconds(context.clock);
      const key = context.seal.keyRing.active('certificate');
      const payload = signToken(key, 'number+jwt', { v: 1, ref, number: digits, jti, iat });
      try {
        return await sealTo(readerKey, 'number+jwe', payload);
      } finally {
        wipe(payload);
      }
    });
    return { rows: 1, subjects: [ref], result: { individualNumber } };
  } finally {
    number.dispose();
  }
}
