/**
 * Numbers for tests (handbook 10 §9): patterned bases with a computed check digit, never random ones, because any valid
 * number may belong to a person. The formula is written out a second time here, from the ordinance and on text.
 */

/** π, e and √2, whose digits everyone knows. */
const CONSTANTS = ['31415926535897932384', '27182818284590452353', '14142135623730950488'];

/** The remainder of ordinance 85 of 2014 art. 5: Pn counted from the lowest digit of the base. */
export function remainderOf(base: string): number {
  let sum = 0;
  for (let n = 1; n <= 11; n += 1) {
    const p = Number(base.charAt(11 - n));
    const q = n <= 6 ? n + 1 : n - 5;
    sum += p * q;
  }
  return sum % 11;
}

export function checkDigitOf(base: string): string {
  const remainder = remainderOf(base);
  return remainder === 0 || remainder === 1 ? '0' : String(11 - remainder);
}

/** Repeated groups of one to three digits, ascending runs, and windows of well-known constants. */
export const PATTERNED_BASES: readonly string[] = [
  ...new Set([
    ...range(1000).map((n) => String(n).padStart(3, '0').repeat(4).slice(0, 11)),
    ...range(100).map((n) => String(n).padStart(2, '0').repeat(6).slice(0, 11)),
    ...range(10).flatMap((first) => range(9).map((step) => ascending(first, step + 1))),
    ...CONSTANTS.flatMap((digits) => range(10).map((at) => digits.slice(at, at + 11))),
  ]),
].filter((base) => base.length === 11 && base !== '00000000000');

export const PATTERNED_NUMBERS: readonly string[] = PATTERNED_BASES.map((base) => base + checkDigitOf(base));

export function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

function ascending(first: number, step: number): string {
  return range(11)
    .map((at) => (first + at * step) % 10)
    .join('');
}
