import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { SEALED_CHARS_MAX } from '../../kernel/limits.js';
import { actingIn } from '../approval/approved.js';
import type { Assertion } from '../assertion/assertion.js';
import { parseNumber } from '../number/parse.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { openInput } from '../operation/input.js';
import { drawOnLookups } from '../operation/permit.js';
import { REGISTERED_AGAIN, resumeRegistered, type TaskStatement } from '../retention/task.js';
import { registerMany, type Registered } from './registerMany.js';

const form = z.strictObject({
  number: z.string().max(SEALED_CHARS_MAX),
  /** 団体内統合宛名番号 */
  unifiedAddresseeNo: z
    .string()
    .regex(/^[0-9]{15}$/)
    .optional(),
});

/**
 * 登録: keeps a number under a new reference. A number that is registered already keeps its reference, and the answer
 * has the same shape: nobody learns from it that somebody else was here first.
 */
export async function register(call: EffectCall): Promise<Effect> {
  const { context, assertion, actor, trail, body } = call;
  const { number: sealed, unifiedAddresseeNo } = readBody(form, body);
  const number = parseNumber(await openInput(context, assertion, sealed, 'number'), 'lenient');
  try {
    const effect = await registerMany(context, [{ number, unifiedAddresseeNo }], {
      completes: async (tx, [one]) => {
        const { ref, as } = one as Registered;
        // Else whoever may register could try numbers, as many as they like, and see whose reference comes back.
        if (as !== 'registered') await drawOnLookups(tx, context, actor);
        // What was drawn stays drawn: the refusal comes after the commit.
        if (as === 'superseded' || as === 'erasing') return as;
        if (as === 'known') await resumeRegistered(tx, registeredAgain(ref, assertion), actingIn(call));
        const completed = { rows: 1, subjects: [ref], reason: as === 'registered' ? 'done' : 'known' };
        return { ...completed, result: { ref }, entry: await trail.completesIn(tx, completed) };
      },
    });
    if (typeof effect === 'string') throw notForNewWork(effect);
    return effect;
  } finally {
    number.dispose();
  }
}

function registeredAgain(ref: VaultRef, { purpose, caseId: caseRef }: Assertion): TaskStatement {
  return { refs: [ref], purpose, caseRef, reason: REGISTERED_AGAIN };
}

/** For new work the number is not there (handbook 10 §2). */
function notForNewWork(as: 'superseded' | 'erasing'): KuramoriError {
  const sentence =
    as === 'superseded'
      ? 'The number was replaced by another (番号変更). Register that one.'
      : 'The number was just erased. Try again.';
  return new KuramoriError('CONFLICT', sentence);
}
