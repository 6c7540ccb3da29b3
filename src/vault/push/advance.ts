import { isFinal, type PushState } from '../../protocol/push.js';
import { ask, interrupted } from './ask.js';
import type { PushContext } from './context.js';
import { readPush, type PushRow } from './push.store.js';
import { send } from './send.js';

/**
 * Takes a push one step on. Whatever is killed in it is taken up again by the same step: each begins with what is
 * written down, and ends by writing down more.
 */
export async function advance(context: PushContext, pushRequestId: string): Promise<void> {
  const push = await readPush(context.database, pushRequestId);
  if (push === undefined || isFinal(push.state)) return;
  await STEPS[push.state]?.(context, push);
}

const STEPS: Partial<Record<PushState, (context: PushContext, push: PushRow) => Promise<void>>> = {
  ACCEPTED: send,
  RETRY_WAIT: send,
  SENDING: interrupted,
  INDETERMINATE: ask,
  PENDING: ask,
};
