import type { z } from 'zod';
import { KuramoriError } from '../kernel/errors.js';
import type { JsonObject } from '../kernel/token/json.js';

/**
 * What an operator entered, in its form.
 * @throws KuramoriError BAD_INPUT naming members, never what they hold
 */
export function readEntry<T>(form: z.ZodType<T>, input: JsonObject): T {
  const result = form.safeParse(input);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ');
  throw new KuramoriError('BAD_INPUT', `The entry does not have its form; look at ${places}.`);
}
