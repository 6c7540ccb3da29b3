import { timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import { hasValidCheckDigit, INDIVIDUAL_NUMBER_DIGITS } from '../../kernel/checkDigit.js';
import { KuramoriError } from '../../kernel/errors.js';
import { NUMBER_CHARS_MAX } from '../../kernel/limits.js';
import { wipe } from '../cipher/wipe.js';
import { MASK } from './mask.js';
import { NumberRefusal } from './refusal.js';

const ASCII_ZERO = 0x30;
const ASCII_NINE = 0x39;

/**
 * An individual number (個人番号) in memory (handbook 10 §8). It is twelve ASCII digits in a buffer of its own, never a
 * string; however it is printed, the mask comes out. Whoever made it calls `dispose()` when the work is done.
 */
export class IndividualNumber {
  readonly #digits: Buffer;
  #disposed = false;

  private constructor(digits: Uint8Array) {
    // Not Buffer.from: its bytes would lie in a pool that other parts of the process read.
    this.#digits = Buffer.alloc(INDIVIDUAL_NUMBER_DIGITS);
    this.#digits.set(digits);
  }

  /**
   * Reads twelve ASCII digits, strictly (handbook 10 §4). The bytes are copied; wiping them stays with the caller.
   * @throws NumberRefusal TOO_LONG, INVALID_CHARACTER, INVALID_LENGTH, INVALID_CHECK_DIGIT, PLACEHOLDER
   */
  static ofDigits(digits: Uint8Array): IndividualNumber {
    if (digits.length > NUMBER_CHARS_MAX) throw new NumberRefusal('TOO_LONG');
    if (!digits.every((byte) => byte >= ASCII_ZERO && byte <= ASCII_NINE)) {
      throw new NumberRefusal('INVALID_CHARACTER');
    }
    if (digits.length !== INDIVIDUAL_NUMBER_DIGITS) throw new NumberRefusal('INVALID_LENGTH');
    if (!hasValidCheckDigit(digits)) throw new NumberRefusal('INVALID_CHECK_DIGIT');
    if (digits.every((byte) => byte === digits[0])) throw new NumberRefusal('PLACEHOLDER');
    return new IndividualNumber(digits);
  }

  /**
   * Hands a copy of the twelve ASCII digits to `use` and fills the copy with zeros when `use` is done, also when it
   * fails; when it returns a promise, as soon as that has settled. Digits kept beyond that read as zeros.
   * @throws KuramoriError INTERNAL when the number was disposed of
   */
  withPlaintext<Result>(use: (digits: Uint8Array) => Result): Result {
    const copy = Buffer.alloc(INDIVIDUAL_NUMBER_DIGITS);
    copy.set(this.#held());
    let result: Result;
    try {
      result = use(copy);
    } catch (error) {
      wipe(copy);
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => wipe(copy)) as Result;
    wipe(copy);
    return result;
  }

  /**
   * Whether both are the same number, in time that does not depend on where they differ.
   * @throws KuramoriError INTERNAL when either was disposed of
   */
  equals(other: IndividualNumber): boolean {
    return timingSafeEqual(this.#held(), other.#held());
  }

  /** Fills the digits with zeros. The number cannot be used afterwards. */
  dispose(): void {
    wipe(this.#digits);
    this.#disposed = true;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }

  #held(): Buffer {
    if (this.#disposed) {
      throw new KuramoriError(
        'INTERNAL',
        'An individual number was used after it was disposed of. Dispose of it after its last use.',
      );
    }
    return this.#digits;
  }
}
