import { KuramoriError } from '../../kernel/errors.js';

/** What is not there, or not for this caller. */
export function noSuch(what: 'addressee' | 'refund' | 'push', field: string): KuramoriError {
  return new KuramoriError('NOT_FOUND', `There is no such ${what}. Check its number.`, { field });
}

/** What was signed is about somebody else than the request. */
export function otherPerson(): KuramoriError {
  const sentence = 'The assertion names another person, or the person has no number here.';
  return new KuramoriError('CONFLICT', sentence, { field: 'assertion' });
}

/** What was signed is for another mutation. */
export function otherProcedure(): KuramoriError {
  return badInput('The body is for another procedure.', 'body');
}

/** What was signed does not fit the request. */
export function badInput(sentence: string, field: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `${sentence} Sign the push anew on the terminal.`, { field });
}
