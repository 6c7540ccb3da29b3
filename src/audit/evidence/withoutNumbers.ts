import { hasValidCheckDigit } from '../../kernel/checkDigit.js';

/** What of ours may hold twelve digits in a row by chance: identifiers, references, digests. */
const OURS =
  '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|vr_[0-9A-HJKMNP-TV-Z]{26}|' +
  'sha256:(?:[0-9a-f]{64}|[\\w-]{43})(?![\\w-])';
/** Twelve digits, together or in threes or fours, as numbers are written. */
const DIGITS = '(?<!\\d)\\d{4}[ -]?\\d{4}[ -]?\\d{4}(?!\\d)|(?<!\\d)\\d{3}(?:[ -]\\d{3}){3}(?!\\d)';
const SUSPECT = new RegExp(`(${OURS})|${DIGITS}`, 'gu');

/** What stands in the place of what may be a number. */
export const HIDDEN = '［番号の疑い］';

/**
 * A text of an evidence without anything that may be an individual number (個人番号): whoever entered a reason or named a
 * case may have written one there (handbook 11 §2, SM-09). What holds none stays as it is.
 */
export function withoutNumbers(text: string): string {
  const plain = text.normalize('NFKC').replaceAll(/[‐-―−ー]/gu, '-');
  if (!holdsNumber(plain)) return text;
  return plain.replaceAll(SUSPECT, (found, ours: string | undefined) =>
    ours === undefined && isNumber(found) ? HIDDEN : found,
  );
}

/** Whether {@link withoutNumbers} would hide something of a text. */
export function mayHoldNumber(text: string): boolean {
  return withoutNumbers(text) !== text;
}

function holdsNumber(plain: string): boolean {
  return [...plain.matchAll(SUSPECT)].some(([found, ours]) => ours === undefined && isNumber(found));
}

function isNumber(found: string): boolean {
  return hasValidCheckDigit(Buffer.from(found.replaceAll(/[ -]/g, ''), 'ascii'));
}
