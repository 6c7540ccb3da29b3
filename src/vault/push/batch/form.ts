import type { Session } from '../../../kernel/database/database.js';
import { Temporal } from '../../../kernel/dates.js';
import { INTERMEDIARY_BATCH_LINES_MAX } from '../../../kernel/limits.js';
import { newUuidV7 } from '../../../kernel/uuid.js';
import { changeEntry, changePush, pushRecord, type PushChanged } from '../change.js';
import type { PushContext } from '../context.js';
import { instantOf, lockPush, type PushRow } from '../push.store.js';
import { overBecause } from '../schedule.js';
import { insertBatch } from './batch.store.js';
import { batchEntry, batchIntent, batchRecord } from './change.js';
import { lockGathered, longestWaiting, placeLines, type BatchedPush } from './line.store.js';

type Ending = Pick<PushChanged, 'state' | 'reason'>;

/**
 * Makes batches of the pushes that have waited long enough, each with everything that waits for the same person,
 * purpose and basis, at most INTERMEDIARY_BATCH_LINES_MAX lines. What is not to be sent any more ends here.
 */
export async function formBatches(context: PushContext): Promise<void> {
  while (await formBatch(context));
}

/** @returns whether there may be more */
function formBatch(context: PushContext): Promise<boolean> {
  const { database, clock, audit } = context;
  const now = clock.now();
  return database.transaction('vault.batch.form', async (tx) => {
    const gathering = await longestWaiting(tx, now);
    if (gathering === undefined) return false;
    const waiting = await lockGathered(tx, gathering, INTERMEDIARY_BATCH_LINES_MAX);
    const lines = waiting.filter((line) => lineEnding(line, now) === undefined);
    for (const line of waiting) await endLine(context, tx, line, lineEnding(line, now));
    const [oldest] = lines;
    if (oldest === undefined) return true;
    const batchId = newUuidV7(now.epochMilliseconds);
    const assertedAt = earliest(lines).toString();
    const batch = { ...gathering, batchId, assertedAt, lineCount: lines.length, formedAt: now.toString() };
    await insertBatch(tx, batch);
    await placeLines(
      tx,
      batchId,
      lines.map(({ pushRequestId }) => pushRequestId),
    );
    const subjects = lines.map(({ vaultRef }) => vaultRef);
    const entries = [
      batchIntent('InquiryBatch.form', subjects),
      batchEntry({ state: 'FORMED', reason: 'FORMED' }),
    ];
    await audit.appendIn(tx, batchRecord(clock, batch, entries));
    return true;
  });
}

/** Why a push of a batch is not sent any more, or nothing. Pure. */
export function lineEnding(
  { attempt, deadline, withdrawn }: Pick<BatchedPush, 'attempt' | 'deadline' | 'withdrawn'>,
  now: Temporal.Instant,
): Ending | undefined {
  if (withdrawn) return { state: 'CANCELLED', reason: 'WITHDRAWN' };
  return overBecause({ attempt, deadline: instantOf(deadline) }, now);
}

async function endLine(
  { clock, audit }: PushContext,
  tx: Session,
  { pushRequestId }: BatchedPush,
  ending: Ending | undefined,
): Promise<void> {
  if (ending === undefined) return;
  // It was locked with the others.
  const push = (await lockPush(tx, pushRequestId)) as PushRow;
  await changePush(tx, push, { ...ending, at: clock.now() });
  await audit.appendIn(tx, pushRecord(clock, push, [changeEntry(push, ending)]));
}

function earliest(lines: readonly BatchedPush[]): Temporal.Instant {
  const signed = lines.map(({ assertedAt }) => instantOf(assertedAt).epochMilliseconds);
  return Temporal.Instant.fromEpochMilliseconds(Math.min(...signed));
}
