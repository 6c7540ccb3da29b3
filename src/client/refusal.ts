import { KuramoriError } from '../kernel/errors.js';

/**
 * Refuses what a caller handed in. `field` is our own name of it; the value itself is never repeated.
 *
 * @throws KuramoriError BAD_INPUT, always
 */
export function refuseInput(field: string, sentence: string): never {
  throw new KuramoriError('BAD_INPUT', sentence, { field });
}

/**
 * Refuses something sealed, always in the same words: whoever tampered with it learns nothing from the answer, and
 * no cause is kept, because the message of a JSON parser repeats what was decrypted.
 *
 * @throws KuramoriError INTEGRITY_FAILURE, always
 */
export function refuseSealed(): never {
  throw new KuramoriError(
    'INTEGRITY_FAILURE',
    'The sealed number was not made by the vault for this request and this key. Stop and report it.',
  );
}

const KEY_SENTENCES = {
  signature: 'The vault’s keys are not signed by a key of the anchor. Stop and report it.',
  form: 'What is signed is no list of keys to seal to. Update the client, or report it.',
  municipality: 'The keys are those of another municipality’s vault. Stop and report it.',
  time: 'The list of the vault’s keys has expired, or the clock is wrong. Fetch the list again.',
} as const;

/**
 * Refuses a list of the vault's keys. What is public has no secret to keep: the rule is told.
 *
 * @throws KuramoriError INTEGRITY_FAILURE, facts `{rule}`, always
 */
export function refuseKeys(rule: keyof typeof KEY_SENTENCES): never {
  throw new KuramoriError('INTEGRITY_FAILURE', KEY_SENTENCES[rule], { rule });
}
