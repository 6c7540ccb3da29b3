import { KuramoriError } from '../../kernel/errors.js';
import { FISCAL_YEAR_MAX, FISCAL_YEAR_MIN } from '../../kernel/limits.js';

/** One related object, or none. An alias, so that no decorator takes the class for the type of the property. */
export type Maybe<T> = T | null;

const ROW_ID = /^[1-9]\d{0,17}$/;

/**
 * A row number as it came in an argument, ready to be bound.
 * @throws KuramoriError BAD_INPUT when it is not one of our numbers
 */
export function rowKey(id: string): string {
  if (!ROW_ID.test(id))
    throw new KuramoriError('BAD_INPUT', 'An id is not one of ours. Use the id that a query answered.', {
      field: 'id',
    });
  return id;
}

/**
 * A fiscal year (会計年度) as it came in an argument, ready to be bound.
 * @throws KuramoriError BAD_INPUT outside FISCAL_YEAR_MIN … FISCAL_YEAR_MAX
 */
export function fiscalYear(year: number): number {
  if (year < FISCAL_YEAR_MIN || year > FISCAL_YEAR_MAX)
    throw new KuramoriError(
      'BAD_INPUT',
      `The argument fiscalYear must be a year between ${FISCAL_YEAR_MIN} and ${FISCAL_YEAR_MAX}.`,
      { field: 'fiscalYear' },
    );
  return year;
}

/**
 * Refuses a search that would read everything.
 * @throws KuramoriError BAD_INPUT
 */
export function atLeastOne(filter: object | undefined): void {
  if (Object.values(filter ?? {}).some((value) => value !== undefined)) return;
  throw new KuramoriError('BAD_INPUT', 'The argument filter names no condition. Give at least one.', {
    field: 'filter',
  });
}
