import type { Temporal } from '../../kernel/dates.js';
import {
  INTERMEDIARY_SENT_AT_MS_MAX,
  PUSH_ATTEMPTS_MAX,
  PUSH_CLOCK_MARGIN_MS,
  PUSH_RETRY_MINUTES,
} from '../../kernel/limits.js';
import type { PushReason, PushState } from '../../protocol/push.js';

/** When and how often (handbook 12 §4). Pure. */

/**
 * When to go on after so many attempts: 1, 2, 4, 8, 15 minutes and 15 from then on.
 * @param done attempts, from 1
 */
export function nextAttempt(now: Temporal.Instant, done: number): Temporal.Instant {
  const at = Math.min(Math.max(done, 1), PUSH_RETRY_MINUTES.length) - 1;
  return now.add({ minutes: PUSH_RETRY_MINUTES[at] as number });
}

/** Why nothing may be sent any more, or nothing. */
export function overBecause(
  push: { readonly attempt: number; readonly deadline: Temporal.Instant },
  now: Temporal.Instant,
): { readonly state: PushState & ('EXPIRED' | 'FAILED'); readonly reason: PushReason } | undefined {
  if (now.epochMilliseconds >= push.deadline.epochMilliseconds)
    return { state: 'EXPIRED', reason: 'DEADLINE_PASSED' };
  if (push.attempt >= PUSH_ATTEMPTS_MAX) return { state: 'FAILED', reason: 'ATTEMPTS_SPENT' };
  return undefined;
}

/**
 * Of a message that the other side does not know: `inWindow`, the same envelope is still taken; `waiting`, it may be
 * taken or not; `over`, no copy of it is taken any more, wherever it comes from.
 */
export function windowOf(sentAt: Temporal.Instant, now: Temporal.Instant): 'inWindow' | 'waiting' | 'over' {
  const age = now.epochMilliseconds - sentAt.epochMilliseconds;
  if (age <= INTERMEDIARY_SENT_AT_MS_MAX - PUSH_CLOCK_MARGIN_MS) return 'inWindow';
  return age <= INTERMEDIARY_SENT_AT_MS_MAX + PUSH_CLOCK_MARGIN_MS ? 'waiting' : 'over';
}

/** The first instant at which {@link windowOf} is `over`. */
export function windowEnd(sentAt: Temporal.Instant): Temporal.Instant {
  return sentAt.add({ milliseconds: INTERMEDIARY_SENT_AT_MS_MAX + PUSH_CLOCK_MARGIN_MS + 1 });
}
