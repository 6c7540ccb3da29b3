import type { ChangeOutcome, UserErrorValue } from './change.js';
import { isKuramoriError } from '../../kernel/errors.js';

const MENDABLE: ReadonlySet<string> = new Set<UserErrorValue['code']>([
  'BAD_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'DUAL_CONTROL_REQUIRED',
]);

/**
 * Runs a use case and answers what the user can mend as user errors; every other failure goes on as it is.
 * @param work answers the keys of what was changed, by payload field
 */
export async function outcomeOf(
  work: () => Promise<NonNullable<ChangeOutcome['keys']>>,
): Promise<ChangeOutcome> {
  return outcomeWith(async () => ({ keys: await work() }));
}

/** As `outcomeOf`, for a use case that also gives out a value that is shown once. */
export async function outcomeWith(
  work: () => Promise<Pick<ChangeOutcome, 'keys' | 'given' | 'raised'>>,
): Promise<ChangeOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!isKuramoriError(error) || !MENDABLE.has(error.code)) throw error;
    const field = error.facts['field'];
    return {
      userErrors: [
        {
          code: error.code as UserErrorValue['code'],
          message: error.message,
          ...(typeof field === 'string' ? { field } : {}),
        },
      ],
    };
  }
}
