import {
  LOCKOUT_CONSECUTIVE_FAILURES_MAX,
  LOCKOUT_DAY_FAILURES_MAX,
  LOCKOUT_DAY_MS,
  LOCKOUT_SHORT_FAILURES_MAX,
  LOCKOUT_SHORT_MS,
} from '../../kernel/limits.js';

/** Failed codes of a person. Times are milliseconds since the epoch. */
export interface Failures {
  /** Of the last 24 hours, in order. */
  readonly at: readonly number[];
  /** Without a success between. */
  readonly consecutive: number;
  /** Exclusive. */
  readonly lockedUntil: number | undefined;
}

export const NO_FAILURES: Failures = { at: [], consecutive: 0, lockedUntil: undefined };

/** Until a person unlocks: 9999-12-31T00:00:00Z. */
export const UNTIL_UNLOCKED_MS = 253_402_214_400_000;

/** Whether no code is taken now. */
export function isLocked({ consecutive, lockedUntil }: Failures, now: number): boolean {
  if (consecutive >= LOCKOUT_CONSECUTIVE_FAILURES_MAX) return true;
  return lockedUntil !== undefined && now < lockedUntil;
}

/**
 * One more failed code (handbook 15 §3): 5 in 15 minutes lock for 15 minutes, 10 in 24 hours until a person unlocks,
 * 100 without a success between until a new secret is set. Windows are half-open `(t − window, t]`.
 */
export function afterFailure(before: Failures, now: number): Failures {
  const at = [...before.at.filter((each) => each > now - LOCKOUT_DAY_MS), now];
  const consecutive = before.consecutive + 1;
  // A success resets the short window: it looks at the failures since then alone.
  const short = at.slice(-consecutive).filter((each) => each > now - LOCKOUT_SHORT_MS);
  if (at.length >= LOCKOUT_DAY_FAILURES_MAX) return { at, consecutive, lockedUntil: UNTIL_UNLOCKED_MS };
  const locks = short.length >= LOCKOUT_SHORT_FAILURES_MAX;
  return { at, consecutive, lockedUntil: locks ? now + LOCKOUT_SHORT_MS : undefined };
}

/** A right code: the window of 24 hours stays. */
export function afterSuccess(before: Failures): Failures {
  return { at: before.at, consecutive: 0, lockedUntil: undefined };
}

/** A person has unlocked: both windows begin anew, the count towards the hard stop goes on. */
export function afterUnlock(before: Failures): Failures {
  return { at: [], consecutive: before.consecutive, lockedUntil: undefined };
}
