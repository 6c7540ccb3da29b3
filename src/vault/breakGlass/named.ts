import type { Assertion } from '../assertion/assertion.js';

/** An assertion's approvals that no opening can be: more than one, or of another form. */
const UNKNOWN = 'unknown';
const OPENING_ID = /^AP-[0-9a-f-]{36}$/;

/**
 * 緊急時利用: the opening under which a number is asked for, which is named as the approval that made it. Without one a
 * reveal goes by a grant; with one by nothing else.
 * @returns `unknown` for what names none
 */
export function openingNamed({ op, approvals }: Pick<Assertion, 'op' | 'approvals'>): string | undefined {
  const [opening, another] = approvals;
  if (op !== 'reveal' || opening === undefined) return undefined;
  return another === undefined && OPENING_ID.test(opening) ? opening : UNKNOWN;
}
