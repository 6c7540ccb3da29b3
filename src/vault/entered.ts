import type { z } from 'zod';
import { KuramoriError } from '../kernel/errors.js';
import { assertNoNumber } from '../kernel/suspectedNumber.js';
import { enteredText } from '../kernel/text.js';
import type { JsonObject } from '../kernel/token/json.js';

/**
 * What an operator entered, in its form, and without an individual number in any name of it.
 * @throws KuramoriError BAD_INPUT naming members, never what they hold
 */
export function readEntry<T>(form: z.ZodType<T>, input: JsonObject): T {
  const result = form.safeParse(input);
  if (!result.success) {
    const places = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ');
    throw new KuramoriError('BAD_INPUT', `The entry does not have its form; look at ${places}.`);
  }
  assertNames(result.data);
  return result.data;
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
  assertNoNumber(words, field);
  return words;
}

/** Numbers that the records gave, of whatever digits; and what is given to other bodies, which is kept sealed. */
const NOT_NAMED_HERE: ReadonlySet<string> = new Set(['caseNo', 'customerNo', 'items']);

/**
 * Whatever names something in what came from outside, and the names of members that were chosen there, hold no
 * individual number: seals, media, contracts, files, people.
 * @param field what the value is called by
 * @throws KuramoriError BAD_INPUT naming the member
 */
export function assertNames(value: unknown, field = 'entry'): void {
  if (typeof value === 'string') assertNoNumber(value, field);
  else if (Array.isArray(value)) for (const each of value) assertNames(each, field);
  else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const [name, each] of Object.entries(value)) {
      assertNoNumber(name, field);
      if (!NOT_NAMED_HERE.has(name)) assertNames(each, name);
    }
  }
}
