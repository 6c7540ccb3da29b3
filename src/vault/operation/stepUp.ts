import { z } from 'zod';
import { SEALED_CHARS_MAX } from '../../kernel/limits.js';
import { beginStepUp } from '../stepup/stepUp.js';
import { readBody } from './body.js';
import type { Effect, EffectCall } from './effects.js';
import { openInput } from './input.js';

const form = z.strictObject({ factor: z.string().max(SEALED_CHARS_MAX) });

/** 再認証: a code that only the vault can read, for five minutes of one purpose on one terminal (handbook 15 §3). */
export async function stepUp({ context, assertion, actor, body }: EffectCall): Promise<Effect> {
  const code = await openInput(context, assertion, readBody(form, body).factor, 'totp');
  const { personId } = actor.person;
  const { terminalId } = actor.terminal;
  const begun = await beginStepUp(context, { personId, terminalId, purpose: assertion.purpose }, code);
  return { rows: 0, subjects: [], result: { stepUp: begun.stepUpId, until: begun.until.toString() } };
}
