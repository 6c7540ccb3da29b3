import { NUMBER_CHARS_MAX } from '../../kernel/limits.js';
import { wipe } from '../cipher/wipe.js';
import { IndividualNumber } from './individualNumber.js';
import { NumberRefusal } from './refusal.js';

/** `strict` for services, files and programs; `lenient` for what a person typed on a keyboard. */
export type ParseMode = 'strict' | 'lenient';

const ASCII_ZERO = 0x30;
const FULL_WIDTH_ZERO = 0xff10;

/** Spaces and hyphens that people type between the groups (handbook 10 §4); no tab, line end or zero-width space. */
const SEPARATORS: ReadonlySet<number> = new Set([
  0x0020, 0x00a0, 0x3000, 0x002d, 0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xff0d, 0x30fc,
]);

/**
 * Reads an individual number (個人番号) by the rules of handbook 10 §4, in their order. Nothing is trimmed or
 * normalised: NFKC would turn ① and ² into digits.
 * @param value what came from outside, of any type
 * @throws NumberRefusal with the first rule that refuses
 * @example
 * const number = parseNumber('1234-5678-9018', 'lenient');
 */
export function parseNumber(value: unknown, mode: ParseMode): IndividualNumber {
  if (typeof value !== 'string') throw new NumberRefusal('TYPE');
  if (value.length > NUMBER_CHARS_MAX) throw new NumberRefusal('TOO_LONG');
  const digits = Buffer.alloc(NUMBER_CHARS_MAX);
  try {
    return IndividualNumber.ofDigits(digits.subarray(0, collectDigits(value, mode, digits)));
  } finally {
    wipe(digits);
  }
}

/** Writes the digits of a text as ASCII. @returns how many. @throws NumberRefusal INVALID_CHARACTER */
function collectDigits(text: string, mode: ParseMode, digits: Buffer): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (mode === 'lenient' && SEPARATORS.has(unit)) continue;
    const digit = isDigit(unit, ASCII_ZERO)
      ? unit - ASCII_ZERO
      : mode === 'lenient' && isDigit(unit, FULL_WIDTH_ZERO)
        ? unit - FULL_WIDTH_ZERO
        : undefined;
    if (digit === undefined) throw new NumberRefusal('INVALID_CHARACTER');
    digits.writeUInt8(ASCII_ZERO + digit, count);
    count += 1;
  }
  return count;
}

function isDigit(unit: number, zero: number): boolean {
  return unit >= zero && unit <= zero + 9;
}
