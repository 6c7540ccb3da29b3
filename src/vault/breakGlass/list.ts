import { z } from 'zod';
import { OFFICERS } from '../evidence/entering.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { VaultRefusal } from '../refusal.js';
import { listOpenings } from './administration.js';

/**
 * 緊急時利用の通知: the openings that wait for their review, for officers: who opened them, with whom, how many subjects were
 * asked for, and by when they are to be reviewed. No subject is named. Answers `{openings}`.
 * @throws KuramoriError FORBIDDEN_PURPOSE
 */
export async function listBreakGlass({ context, actor, body }: EffectCall): Promise<Effect> {
  readBody(z.strictObject({}), body);
  if (!OFFICERS.includes(actor.person.role)) throw new VaultRefusal('role');
  const openings = await listOpenings(context);
  return { rows: openings.length, subjects: [], result: { openings } };
}
