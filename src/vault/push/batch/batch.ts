import type { ReconcileFault } from '../../../protocol/intermediary/reconcile.js';
import type { PushReason, PushState } from '../../../protocol/push.js';

/**
 * States of a batch (一括照会). `FORMED`: its lines are chosen, nothing was sent. `ANSWERED`: what it came to is
 * written down, and its lines are settled one by one. `DISSOLVED`: nothing of it was received, and one of its lines is
 * not to be sent any more; the rest go into a batch of another name. What is not named here is as of a push.
 */
export type BatchState =
  | 'FORMED'
  | 'SENDING'
  | 'INDETERMINATE'
  | 'RETRY_WAIT'
  | 'PENDING'
  | 'ANSWERED'
  | 'DONE'
  /** Not every line came to data or to their absence: each says what it came to. */
  | 'PARTIAL'
  /** The results cannot be believed: none of them was used. */
  | 'QUARANTINED'
  | 'REFUSED'
  | 'FAILED'
  | 'EXPIRED'
  | 'DISSOLVED';

/** Why a batch is in its state; of one that is quarantined, what is wrong with its results. */
export type BatchReason = PushReason | ReconcileFault | 'FORMED' | 'LINE_ENDED' | 'PARTIAL';

const ANSWERS = ['PENDING', 'RETRY_WAIT', 'ANSWERED'] as const;

const MAY_FOLLOW: Readonly<Record<BatchState, readonly BatchState[]>> = {
  FORMED: ['SENDING', 'DISSOLVED'],
  SENDING: [...ANSWERS, 'INDETERMINATE'],
  INDETERMINATE: [...ANSWERS, 'SENDING'],
  RETRY_WAIT: ['SENDING', 'DISSOLVED'],
  PENDING: ['ANSWERED'],
  ANSWERED: ['PENDING', 'DONE', 'PARTIAL', 'QUARANTINED', 'REFUSED', 'FAILED', 'EXPIRED'],
  DONE: [],
  PARTIAL: [],
  QUARANTINED: [],
  REFUSED: [],
  FAILED: [],
  EXPIRED: [],
  DISSOLVED: [],
};

/** Whether one state may come after another. Pure. */
export function batchMayFollow(from: BatchState, to: BatchState): boolean {
  return MAY_FOLLOW[from].includes(to);
}

/** Whether nothing comes after a state. Pure. */
export function isBatchFinal(state: BatchState): boolean {
  return MAY_FOLLOW[state].length === 0;
}

const SHARED: Partial<Readonly<Record<BatchState, PushState>>> = {
  SENDING: 'SENDING',
  INDETERMINATE: 'INDETERMINATE',
  RETRY_WAIT: 'RETRY_WAIT',
  PENDING: 'PENDING',
};

/**
 * The state of the lines that are open while their batch is in a state. Pure.
 * @returns undefined where it changes nothing for them
 */
export function lineStateIn(state: BatchState): PushState | undefined {
  return SHARED[state];
}
