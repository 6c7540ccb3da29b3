import { hasValidCheckDigit } from './checkDigit.js';
import { KuramoriError } from './errors.js';

/** What of ours may hold twelve digits in a row by chance: identifiers, references, keys of terminals, digests, hex. */
const OURS =
  '[\\dA-Fa-f]{8}-(?:[\\dA-Fa-f]{4}-){3}[\\dA-Fa-f]{12}|vr_[0-9A-HJKMNP-TV-Z]{26}|CR-[0-9a-f]{24}(?!\\w)|' +
  'sha256:(?:[0-9a-f]{64}|[\\w-]{43})(?![\\w-])|(?<!\\w)(?:[\\dA-Fa-f]{32}|[\\dA-Fa-f]{64})(?!\\w)';
/** Twelve digits, together or in threes or fours, as numbers are written. */
const DIGITS = '(?<!\\d)\\d{4}[ -]?\\d{4}[ -]?\\d{4}(?!\\d)|(?<!\\d)\\d{3}(?:[ -]\\d{3}){3}(?!\\d)';
const SUSPECT = new RegExp(`(${OURS})|${DIGITS}`, 'gu');

/** Plain text without so many digits holds no number: most names are told apart by this, on each request. */
const PLAIN = /^[ -~]*$/;
const ENOUGH_DIGITS = /\d(?:[ -]?\d){11}/;

/** What stands in the place of what may be a number. */
export const HIDDEN = '［番号の疑い］';

/**
 * A text of an evidence without anything that may be an individual number (個人番号): whoever entered a reason or named a
 * case may have written one there (handbook 11 §2, SM-09). What holds none stays as it is.
 */
export function withoutNumbers(text: string): string {
  const plain = plainText(text);
  if (!holdsNumber(plain)) return text;
  return plain.replaceAll(SUSPECT, (found, ours: string | undefined) =>
    ours === undefined && isNumber(found) ? HIDDEN : found,
  );
}

/** Whether twelve digits with a valid check digit stand in a text, in any spelling: it may be an individual number. */
export function mayHoldNumber(text: string): boolean {
  if (PLAIN.test(text) && !ENOUGH_DIGITS.test(text)) return false;
  return holdsNumber(plainText(text));
}

/**
 * A name or words from outside, before they are kept or logged: both are in the clear, where a number has no place
 * (handbook 11 SM-09, 06).
 * @param field what it is called by, for the error
 * @throws KuramoriError BAD_INPUT for what may be an individual number, which is not echoed
 */
export function assertNoNumber(text: string, field: string): void {
  if (!mayHoldNumber(text)) return;
  throw new KuramoriError(
    'BAD_INPUT',
    `The field ${field} seems to hold an individual number. Take it out, and name the person by a reference.`,
    { field },
  );
}

function plainText(text: string): string {
  return text.normalize('NFKC').replaceAll(/[‐-―−ー]/gu, '-');
}

function holdsNumber(plain: string): boolean {
  return [...plain.matchAll(SUSPECT)].some(([found, ours]) => ours === undefined && isNumber(found));
}

function isNumber(found: string): boolean {
  const digits = found.replaceAll(/[ -]/g, '');
  return hasValidCheckDigit(Uint8Array.from(digits, (digit) => digit.charCodeAt(0)));
}
