import { LRUCache } from 'lru-cache';
import { VAULT_ADDRESSES_MAX } from '../../kernel/limits.js';

/** How much one name may take at once, and how much it earns again in a second. */
export interface ThrottleBounds {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket per name. Bounded: the name not seen for longest is forgotten first. */
export class Throttle {
  readonly #bounds: ThrottleBounds;
  readonly #monotonicMs: () => number;
  readonly #buckets = new LRUCache<string, { left: number; at: number }>({ max: VAULT_ADDRESSES_MAX });

  /** @param monotonicMs a clock that nobody sets, in milliseconds */
  constructor(bounds: ThrottleBounds, monotonicMs: () => number = () => performance.now()) {
    this.#bounds = bounds;
    this.#monotonicMs = monotonicMs;
  }

  /** @returns whether one more is allowed now */
  take(name: string): boolean {
    const now = this.#monotonicMs();
    const bucket = this.#buckets.get(name) ?? { left: this.#bounds.burst, at: now };
    const earned = ((now - bucket.at) / 1_000) * this.#bounds.perSecond;
    bucket.left = Math.min(bucket.left + earned, this.#bounds.burst);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }
}
