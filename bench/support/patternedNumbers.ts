import { checkDigit } from '../../src/kernel/checkDigit.js';
import { KuramoriError } from '../../src/kernel/errors.js';

const FIRST = 10_000;
/** The last one must have two successors of five digits. */
const LAST = 99_997;

/** How many there are. */
export const PATTERNED_NUMBERS = LAST - FIRST + 1;

/**
 * Numbers for measuring (handbook 10 §9: never random ones, which may be somebody's): eleven digits of Champernowne's
 * constant, from one of its five-digit integers on, and their check digit.
 * @param from place of the first, from 0
 * @throws KuramoriError INTERNAL when there are not so many
 * @example
 * patternedNumbers(0, 1) // ['100001000116'], of 10000 10001 1…
 */
export function patternedNumbers(from: number, count: number): readonly string[] {
  if (from < 0 || from + count > PATTERNED_NUMBERS)
    throw new KuramoriError('INTERNAL', `There are ${PATTERNED_NUMBERS} patterned numbers, and no more.`);
  return Array.from({ length: count }, (_, at) => numberAt(FIRST + from + at));
}

function numberAt(integer: number): string {
  const base = `${integer}${integer + 1}${integer + 2}`.slice(0, 11);
  return `${base}${checkDigit(Buffer.from(base, 'ascii'))}`;
}
