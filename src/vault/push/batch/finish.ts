import { BATCH_LINES_STEP_MAX } from '../../../kernel/limits.js';
import { isFinal, mayFollow } from '../../../protocol/push.js';
import { batchResultOf, wholeResult, type BatchResult } from '../../intermediary/batchVerdict.js';
import type { BatchEnvelope } from '../../intermediary/intermediary.js';
import type { Verdict } from '../../intermediary/verdict.js';
import type { PushContext } from '../context.js';
import type { AskedLine } from '../provisionRecord.js';
import { instantOf } from '../push.store.js';
import { nextAttempt } from '../schedule.js';
import { settleLine } from '../settle.js';
import type { BatchReason, BatchState } from './batch.js';
import { lockBatch, type BatchRow } from './batch.store.js';
import { become, postponeBatch } from './change.js';
import { readBatchEnvelope, readReceipt } from './content.js';
import { openLines, type BatchedPush } from './line.store.js';

/** What a batch came to without an answer. */
const UNANSWERED: Partial<Readonly<Record<BatchReason, Verdict>>> = {
  DEADLINE_PASSED: { state: 'EXPIRED', reason: 'DEADLINE_PASSED' },
  UNRESOLVED: { state: 'FAILED', reason: 'UNRESOLVED' },
};

/**
 * Makes of durable results what they come to: each line in a transaction of its own, at most `linesMax` of them, then
 * the batch. Killed in between, the lines that are left are settled by the next step.
 */
export async function finishBatch(
  context: PushContext,
  batch: BatchRow,
  linesMax: number = BATCH_LINES_STEP_MAX,
): Promise<void> {
  const { envelope } = await readBatchEnvelope(context, batch);
  const result = await resultOf(context, batch, envelope);
  const open = await openLines(context.database, batch.batchId);
  const settled = open.flatMap((line) => {
    const verdict = verdictFor(context, line, result);
    return isFinal(verdict.state) ? [{ line, verdict }] : [];
  });
  const asked = new Map(envelope.body.lines.map((body) => [body.lineNo, { body, sentAt: envelope.sentAt }]));
  const receiptDigest = batch.receiptDigest ?? undefined;
  for (const { line, verdict } of settled.slice(0, linesMax)) {
    const of = asked.get(line.lineNo) as AskedLine;
    await settleLine(context, line.pushRequestId, { asked: of, verdict, receiptDigest });
  }
  if (settled.length <= linesMax)
    await end(context, batch, (line) => verdictFor(context, line, result), endOf(envelope, result));
}

async function resultOf(
  context: PushContext,
  batch: BatchRow,
  envelope: BatchEnvelope,
): Promise<BatchResult> {
  const unanswered = UNANSWERED[batch.reason];
  if (unanswered !== undefined) return wholeResult(unanswered);
  return batchResultOf(envelope, await readReceipt(context, batch));
}

/**
 * A line that waits for a person of the provider waits no longer than it may. One of which nobody knew that it waits
 * there is noted as waiting first, and looked at again.
 */
function verdictFor({ clock }: PushContext, line: BatchedPush, result: BatchResult): Verdict {
  const verdict = result.of(line.lineNo);
  const isOver = clock.now().epochMilliseconds >= instantOf(line.deadline).epochMilliseconds;
  if (isFinal(verdict.state) || !isOver || !mayFollow(line.state, 'EXPIRED')) return verdict;
  return { ...verdict, state: 'EXPIRED', reason: 'DEADLINE_PASSED' };
}

interface BatchEnd {
  readonly state: BatchState;
  readonly reason: BatchReason;
}

function endOf(envelope: BatchEnvelope, { fault, whole, of }: BatchResult): BatchEnd {
  if (fault !== undefined) return { state: 'QUARANTINED', reason: fault };
  if (whole !== undefined) return { state: whole.state as BatchState, reason: whole.reason };
  const isWell = envelope.body.lines.every(({ lineNo }) => of(lineNo).state === 'DONE');
  return isWell ? { state: 'DONE', reason: 'OK' } : { state: 'PARTIAL', reason: 'PARTIAL' };
}

/** Ends a batch once its lines have ended; it waits with those that wait, and is taken up again with any other. */
async function end(
  context: PushContext,
  batch: BatchRow,
  verdictOn: (line: BatchedPush) => Verdict,
  ending: BatchEnd,
): Promise<void> {
  await context.database.transaction('vault.batch.end', async (tx) => {
    const locked = await lockBatch(tx, batch.batchId);
    if (locked?.state !== batch.state) return;
    const open = await openLines(tx, batch.batchId);
    const at = context.clock.now();
    if (open.length === 0) return become(tx, context, locked, { ...ending, at });
    const nextAttemptAt = nextAttempt(at, locked.inquiries + 1);
    if (open.some((line) => isFinal(verdictOn(line).state))) return postponeBatch(tx, locked, nextAttemptAt);
    await become(tx, context, locked, { state: 'PENDING', reason: 'MANUAL_PENDING', at, nextAttemptAt });
  });
}
