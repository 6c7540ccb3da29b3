import { KuramoriError } from './errors.js';

/** More code units than this per character and no text of people is meant. */
const UNITS_PER_CHARACTER_MAX = 16;

const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' });
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/**
 * A text that a person entered, as it is stored: NFC, variation selectors and rare characters kept (handbook 06 §4).
 * @param field the input's field, for the error
 * @param charsMax limit in grapheme clusters
 * @throws KuramoriError BAD_INPUT when it is blank, too long or holds control characters
 */
export function enteredText(text: string, field: string, charsMax: number): string {
  const stored = text.normalize('NFC');
  if (stored.trim() === '') throw badText(field, 'is empty. Write something');
  if (
    stored.length > charsMax * UNITS_PER_CHARACTER_MAX ||
    [...graphemes.segment(stored)].length > charsMax
  ) {
    throw badText(field, `has more than ${charsMax} characters. Shorten it`);
  }
  if (CONTROL.test(stored.replaceAll(/\r?\n|\t/gu, '')))
    throw badText(field, 'holds control characters. Remove them');
  return stored;
}

function badText(field: string, fault: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The field ${field} ${fault}.`, { field });
}
