import { LRUCache } from 'lru-cache';
import { addressKey } from '../../kernel/address.js';
import type { Clock } from '../../kernel/clock.js';
import {
  SIGN_IN_ADDRESS_BURST_MAX,
  SIGN_IN_ADDRESS_PER_SECOND_MAX,
  SIGN_IN_ADDRESSES_MAX,
} from '../../kernel/limits.js';

/**
 * A token bucket per address for what is tried before anyone is known. What succeeds is given back, so that a whole
 * office behind one address can sign in. Bounded: the address not seen for longest is forgotten first.
 */
export class AddressThrottle {
  readonly #clock: Clock;
  readonly #buckets = new LRUCache<string, { left: number; at: number }>({ max: SIGN_IN_ADDRESSES_MAX });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns whether the address may try */
  take(address: string): boolean {
    const bucket = this.#filled(address);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }

  giveBack(address: string): void {
    const bucket = this.#filled(address);
    bucket.left = Math.min(bucket.left + 1, SIGN_IN_ADDRESS_BURST_MAX);
  }

  #filled(address: string): { left: number; at: number } {
    const key = addressKey(address);
    const now = this.#clock.now().epochMilliseconds;
    const bucket = this.#buckets.get(key) ?? { left: SIGN_IN_ADDRESS_BURST_MAX, at: now };
    const earned = (Math.max(now - bucket.at, 0) / 1000) * SIGN_IN_ADDRESS_PER_SECOND_MAX;
    bucket.left = Math.min(bucket.left + earned, SIGN_IN_ADDRESS_BURST_MAX);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
