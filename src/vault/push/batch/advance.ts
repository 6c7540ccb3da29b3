import type { PushContext } from '../context.js';
import { askBatch, interruptedBatch } from './ask.js';
import type { BatchState } from './batch.js';
import { readBatch, type BatchRow } from './batch.store.js';
import { finishBatch } from './finish.js';
import { sendBatch } from './send.js';

/**
 * Takes a batch one step on. As with a push, whatever is killed in it is taken up again by the same step: each begins
 * with what is written down, and ends by writing down more.
 */
export async function advanceBatch(context: PushContext, batchId: string): Promise<void> {
  const batch = await readBatch(context.database, batchId);
  if (batch !== undefined) await STEPS[batch.state]?.(context, batch);
}

const STEPS: Partial<Record<BatchState, (context: PushContext, batch: BatchRow) => Promise<void>>> = {
  FORMED: sendBatch,
  RETRY_WAIT: sendBatch,
  SENDING: interruptedBatch,
  INDETERMINATE: askBatch,
  PENDING: askBatch,
  ANSWERED: finishBatch,
};
