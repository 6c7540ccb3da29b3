import type { Session } from '../../../kernel/database/database.js';
import { composeBatch } from '../../intermediary/compose.js';
import { storeParts } from '../../spool/parts.js';
import type { PushContext } from '../context.js';
import { instantOf } from '../push.store.js';
import { spoolEnd } from '../request.js';
import { lockBatch, type BatchRow } from './batch.store.js';
import { batchIntent, batchRecord, become, type BatchChanged } from './change.js';
import { readLines } from './content.js';
import { lineEnding } from './form.js';
import { freeLines, openLines, type BatchedPush } from './line.store.js';
import { settleBatch } from './settle.js';

/**
 * Sends a batch that waits, in the order of effects of a push (handbook 12 §4): the intent is durable, then `SENDING`
 * with the envelope that leaves, then it leaves. A batch with a line that is not to be sent any more is dissolved: what
 * was written under its name is never sent with other lines.
 */
export async function sendBatch(context: PushContext, batch: BatchRow): Promise<void> {
  const { audit, clock, database, intermediary } = context;
  const lines = await openLines(database, batch.batchId);
  if (hasEnded(lines, context)) return dissolve(context, batch);
  const intent = batchIntent(
    'InquiryBatch.send',
    lines.map(({ vaultRef }) => vaultRef),
  );
  const { firstSequence } = await audit.append(batchRecord(clock, batch, [intent]));
  const written = await writeDown(context, batch, lines, firstSequence);
  if (written === undefined) return;
  const exchange = await intermediary.submitBatch(batch.batchId, written);
  await settleBatch(context, batch.batchId, exchange, { withResults: false });
}

/** Whether a line is not to be sent any more. */
export function hasEnded(lines: readonly BatchedPush[], { clock }: Pick<PushContext, 'clock'>): boolean {
  const now = clock.now();
  return lines.some((line) => lineEnding(line, now) !== undefined);
}

async function dissolve(context: PushContext, batch: BatchRow): Promise<void> {
  const { clock, database } = context;
  await database.transaction('vault.batch.dissolve', async (tx) => {
    const locked = await lockBatch(tx, batch.batchId);
    if (locked?.state !== batch.state) return;
    const at = clock.now();
    await freeLines(tx, batch.batchId, at);
    await become(tx, context, locked, { state: 'DISSOLVED', reason: 'LINE_ENDED', at });
  });
}

/** @returns what leaves; nothing when somebody else has taken it up */
function writeDown(
  context: PushContext,
  batch: BatchRow,
  lines: readonly BatchedPush[],
  intentEntry: bigint,
): Promise<Uint8Array | undefined> {
  const { database, clock, seal, intermediary } = context;
  return database.transaction('vault.batch.sending', async (tx) => {
    const locked = await lockBatch(tx, batch.batchId);
    if (locked?.state !== batch.state) return undefined;
    const asked = await readLines(context, tx, lines);
    const at = clock.now();
    const pushedFor = { ...locked, messageId: locked.batchId, assertedAt: instantOf(locked.assertedAt) };
    const envelope = composeBatch(
      intermediary,
      pushedFor,
      asked,
      at,
      seal.keyRing.active('intermediary').privateKey,
    );
    const bytes = Buffer.from(JSON.stringify(envelope), 'utf8');
    const item = { kind: 'envelope', plaintext: bytes, eraseAfter: spoolEnd(at) } as const;
    const envelopeRefs = await storeParts(context, tx, item);
    await enterBatchSending(tx, context, locked, { envelopeRefs, sentAt: at, intentEntry });
    return bytes;
  });
}

/** Writes `SENDING` down, with its entry. */
export function enterBatchSending(
  tx: Session,
  context: PushContext,
  batch: BatchRow,
  sending: NonNullable<BatchChanged['sending']>,
): Promise<void> {
  const at = context.clock.now();
  const changed = { state: 'SENDING', reason: 'TRANSMITTING', at, nextAttemptAt: at, sending } as const;
  return become(tx, context, batch, changed);
}
