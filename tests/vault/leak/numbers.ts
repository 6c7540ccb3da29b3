import { checkDigitOf } from '../number/support/patterned.js';

/**
 * Numbers that no other test uses: windows of well-known constants with a computed check digit (handbook 10 §9). What
 * is found of them in a file that tests share was therefore left by the test that looks.
 */
const number = (base: string): string => base + checkDigitOf(base);

/** √3, Euler’s γ, the golden ratio, ln 2, ζ(3), Catalan’s constant; and one that begins with a zero, of γ. */
export const REGISTERED: readonly string[] = [
  '17320508075',
  '57721566490',
  '16180339887',
  '69314718055',
  '20205690315',
  '91596559417',
  '01532860606',
].map(number);

/** Registered by nobody: looked for, or sealed for what is refused. Constants of Laplace, of Meissel and Mertens. */
export const UNREGISTERED: readonly string[] = ['66274341934', '26149721284'].map(number);

/** Typed wrong: the check digit is the next one. Ω, and the constants of Golomb and Dickman, and of Brun. */
export const MISTYPED: readonly string[] = ['56714329040', '62432998854', '19021605831'].map(mistyped);

/** What a broken front end sends in the clear. The constant of Landau and Ramanujan. */
export const UNSEALED: string = number('76422365358');

/**
 * Planted where the others are looked for: the constant of Lévy, with the next check digit, for a name that may be a
 * number is refused.
 */
export const CONTROL: string = mistyped('32758229187');

/** In which forms people type (handbook 10 §4). */
export const TYPED: Readonly<Record<string, (digits: string) => string>> = {
  plain: (digits) => digits,
  wide: wide,
  hyphens: (digits) => groups(digits).join('-'),
  spaces: (digits) => groups(digits).join(' '),
  wideHyphens: (digits) => groups(wide(digits)).join('ー'),
  wideSpaces: (digits) => groups(wide(digits)).join('\u3000'),
};

/** The full-width form of digits. */
export function wide(digits: string): string {
  return digits.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
}

/** @param size characters of one group */
export function groups(digits: string, size = 4): readonly string[] {
  return digits.match(new RegExp(`.{1,${size}}`, 'gu')) ?? [];
}

/** With the digit after the check digit in its place. */
function mistyped(base: string): string {
  return base + String((Number(checkDigitOf(base)) + 1) % 10);
}
