import type { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { assertNames } from '../entered.js';

/**
 * The body of an operation in its form; one more member is refused. No name in it holds an individual number.
 * @throws KuramoriError BAD_INPUT, which names nothing of what was sent
 */
export function readBody<T>(form: z.ZodType<T>, body: unknown): T {
  const result = form.safeParse(body);
  if (!result.success)
    throw new KuramoriError(
      'BAD_INPUT',
      'The body of the operation has not its form. Make it with the client package.',
      { rule: 'body' },
    );
  assertNames(result.data, 'body');
  return result.data;
}
