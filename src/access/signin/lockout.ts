import {
  LOCKOUT_CONSECUTIVE_FAILURES_MAX,
  LOCKOUT_DAY_FAILURES_MAX,
  LOCKOUT_DAY_MS,
  LOCKOUT_SHORT_FAILURES_MAX,
  LOCKOUT_SHORT_MS,
} from '../../kernel/limits.js';

/** One try of an account, or a person's unlocking it. A try whose outcome is not known yet counts as failed. */
export interface Try {
  /** Milliseconds since the epoch at which it was started. */
  readonly at: number;
  readonly outcome: 'failed' | 'succeeded' | 'unlocked';
}

/** Whether an account may try now. */
export type Lockout =
  | { readonly state: 'open' }
  /** `until`: milliseconds since the epoch, exclusive. */
  | { readonly state: 'locked'; readonly until: number }
  /** Until a person unlocks. */
  | { readonly state: 'suspended' }
  /** Until a person unlocks and the credentials are set anew. */
  | { readonly state: 'stopped' };

/**
 * Handbook 15 §3: 5 failures in 15 minutes lock for 15 minutes, 10 in 24 hours suspend, 100 without a success between
 * stop. Windows are half-open `(t − window, t]`. A success resets the short window, not the long one; unlocking both.
 * @param tries in order of time
 * @param now milliseconds since the epoch
 */
export function lockoutAt(tries: readonly Try[], now: number): Lockout {
  let short: number[] = [];
  let long: number[] = [];
  let consecutive = 0;
  let lockedUntil = 0;
  for (const { at, outcome } of tries) {
    if (outcome !== 'failed') {
      short = [];
      lockedUntil = 0;
      if (outcome === 'unlocked') long = [];
      else consecutive = 0;
      continue;
    }
    consecutive += 1;
    long.push(at);
    short = [...short.filter((earlier) => earlier > at - LOCKOUT_SHORT_MS), at];
    if (short.length >= LOCKOUT_SHORT_FAILURES_MAX) lockedUntil = at + LOCKOUT_SHORT_MS;
  }
  if (consecutive >= LOCKOUT_CONSECUTIVE_FAILURES_MAX) return { state: 'stopped' };
  if (long.filter((at) => at > now - LOCKOUT_DAY_MS).length >= LOCKOUT_DAY_FAILURES_MAX)
    return { state: 'suspended' };
  return now < lockedUntil ? { state: 'locked', until: lockedUntil } : { state: 'open' };
}
