import type { z } from 'zod';
import { mayHoldNumber } from '../audit/evidence/withoutNumbers.js';
import { KuramoriError } from '../kernel/errors.js';
import { enteredText } from '../kernel/text.js';
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

/**
 * Words that a person entered, as they are kept beside a record: a reason, a cause, a basis. A number has no place in
 * them (handbook 11 SM-09), for they lie in the clear.
 * @param field the input's field, for the error
 * @param charsMax limit in grapheme clusters
 * @throws KuramoriError BAD_INPUT as `enteredText`, and for what may be a number, which is not echoed
 */
export function enteredWords(text: string, field: string, charsMax: number): string {
  const words = enteredText(text, field, charsMax);
  if (!mayHoldNumber(words)) return words;
  throw new KuramoriError(
    'BAD_INPUT',
    `The field ${field} seems to hold an individual number. Take it out, and name the person by a reference.`,
    { field },
  );
}
