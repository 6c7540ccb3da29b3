import { hasResults } from '../../intermediary/batchVerdict.js';
import type { VaultRef } from '../../number/vaultRef.js';
import type { PushContext } from '../context.js';
import { instantOf } from '../push.store.js';
import { windowEnd, windowOf } from '../schedule.js';
import { lockBatch, type BatchRow } from './batch.store.js';
import { batchIntent, batchRecord, become, postponeBatch, type BatchChanged } from './change.js';
import { readBatchEnvelope } from './content.js';
import { openLines, type BatchedPush } from './line.store.js';
import { enterBatchSending, hasEnded } from './send.js';
import { conclude, settleBatch } from './settle.js';

/**
 * Asks how far a batch is, and for its results once they are ready. Nothing is sent before the other side has said that
 * it does not know the batch, and then nothing but the same envelope (handbook 12 §4).
 */
export async function askBatch(context: PushContext, batch: BatchRow): Promise<void> {
  const { audit, clock, database, intermediary } = context;
  const { batchId } = batch;
  const lines = await openLines(database, batchId);
  const subjects = lines.map(({ vaultRef }) => vaultRef);
  await audit.append(batchRecord(clock, batch, [batchIntent('InquiryBatch.ask', subjects)]));
  const polled = await intermediary.pollBatch(batchId);
  if (polled.kind === 'notKnown') return notKnown(context, batch, lines);
  const withResults = polled.kind === 'answer' && hasResults(polled.answer);
  const exchange = withResults ? await intermediary.fetchBatch(batchId) : polled;
  await settleBatch(context, batchId, exchange, { withResults });
}

async function notKnown(context: PushContext, batch: BatchRow, lines: readonly BatchedPush[]): Promise<void> {
  const { clock, database } = context;
  // It had been taken, and is not there any more.
  if (batch.state === 'PENDING') {
    return database.transaction('vault.batch.lost', async (tx) => {
      const locked = await lockBatch(tx, batch.batchId);
      if (locked?.state === batch.state) await conclude(context, tx, locked, { reason: 'UNRESOLVED' });
    });
  }
  const now = clock.now();
  const sentAt = instantOf(batch.sentAt as string);
  const window = windowOf(sentAt, now);
  if (window === 'over')
    return change(context, batch, {
      state: 'RETRY_WAIT',
      reason: 'NOT_RECEIVED',
      at: now,
      nextAttemptAt: now,
    });
  // A copy may still be on its way: until none is taken any more it is not known to have had no effect.
  if (window === 'waiting' || hasEnded(lines, context))
    return postponeBatch(database, batch, windowEnd(sentAt));
  return sendAgain(context, batch, lines);
}

/** The identical envelope, once more. */
async function sendAgain(
  context: PushContext,
  batch: BatchRow,
  lines: readonly BatchedPush[],
): Promise<void> {
  const { audit, clock, database, intermediary } = context;
  const { bytes } = await readBatchEnvelope(context, batch);
  const subjects = lines.map(({ vaultRef }) => vaultRef);
  const { firstSequence } = await audit.append(
    batchRecord(clock, batch, [batchIntent('InquiryBatch.send', subjects)]),
  );
  const isOurs = await database.transaction('vault.batch.again', async (tx) => {
    const locked = await lockBatch(tx, batch.batchId);
    if (locked?.state !== batch.state) return false;
    // Whatever was sent was written down before.
    const envelopeRefs = locked.envelopeRefs as readonly VaultRef[];
    const sentAt = instantOf(locked.sentAt as string);
    await enterBatchSending(tx, context, locked, { envelopeRefs, sentAt, intentEntry: firstSequence });
    return true;
  });
  if (!isOurs) return;
  const exchange = await intermediary.submitBatch(batch.batchId, bytes);
  await settleBatch(context, batch.batchId, exchange, { withResults: false, isAgain: true });
}

/** The vault ended while the batch was on its way: whether it had an effect is asked at once. */
export function interruptedBatch(context: PushContext, batch: BatchRow): Promise<void> {
  const at = context.clock.now();
  return change(context, batch, { state: 'INDETERMINATE', reason: 'INTERRUPTED', at, nextAttemptAt: at });
}

async function change(context: PushContext, batch: BatchRow, changed: BatchChanged): Promise<void> {
  await context.database.transaction('vault.batch.become', async (tx) => {
    const locked = await lockBatch(tx, batch.batchId);
    if (locked?.state === batch.state) await become(tx, context, locked, changed);
  });
}
