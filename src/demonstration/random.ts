import { KuramoriError } from '../kernel/errors.js';
import type { Yen } from '../kernel/yen.js';

/** What a stream of random numbers is named by: numbers and words, e.g. `household`, 17. */
export type StreamName = readonly (string | number)[];

const UINT32 = 0x1_0000_0000;

/**
 * A repeatable stream of random numbers (generator sfc32). The same seed and name give the same numbers on every
 * machine, whatever was drawn from other streams, so that each household can be made alone. Never for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, ...name: StreamName) {
    this.#a = mixed(0x9e37_79b9, seed);
    this.#b = mixed(0x243f_6a88, Math.floor(seed / UINT32));
    this.#c = 0xb7e1_5162;
    for (const part of name) this.#absorb(part);
    for (let round = 0; round < 12; round += 1) this.uint32();
  }

  /** 32 random bits. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number {
    return Math.floor((this.uint32() / UINT32) * bound);
  }

  /** A whole number between the two, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True `perThousand` times in 1,000. */
  chance(perThousand: number): boolean {
    return this.uint32() < (perThousand / 1_000) * UINT32;
  }

  /** One of the list. */
  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new KuramoriError('INTERNAL', 'A demonstration word list is empty.');
    return picked;
  }

  /** One of the list, each as often as its weight says. */
  weighted<T>(list: readonly (readonly [T, number])[]): T {
    let total = 0;
    for (const [, weight] of list) total += weight;
    let left = this.below(total);
    for (const [value, weight] of list) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new KuramoriError('INTERNAL', 'A demonstration weight list is empty.');
  }

  /** An amount between the two in steps of `step` yen. */
  yen(low: number, high: number, step: number): Yen {
    return BigInt(low + this.below(Math.floor((high - low) / step) + 1) * step);
  }

  /** The list in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const keyed = list.map((value) => ({ value, key: this.uint32() }));
    return keyed.toSorted((a, b) => a.key - b.key).map(({ value }) => value);
  }

  /** Decimal digits as text, leading zeros kept. */
  digits(count: number): string {
    let text = '';
    while (text.length < count) text += String(this.below(10_000)).padStart(4, '0');
    return text.slice(0, count);
  }

  #absorb(part: string | number): void {
    if (typeof part === 'number') {
      this.#a = mixed(this.#a, part);
    } else {
      for (let at = 0; at < part.length; at += 1) this.#a = mixed(this.#a, part.charCodeAt(at));
    }
    this.#b = mixed(this.#b, this.#a);
    this.#c = mixed(this.#c, this.#b);
  }
}

/** One round of the MurmurHash3 mixer over a state and a 32-bit value. */
function mixed(state: number, value: number): number {
  let hash = Math.imul(value | 0, 0xcc9e_2d51);
  hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b87_3593) ^ state;
  hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}
