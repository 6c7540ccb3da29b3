import type { Session } from '../../../kernel/database/database.js';
import { Temporal } from '../../../kernel/dates.js';
import { PUSH_UNRESOLVED_MS_MAX } from '../../../kernel/limits.js';
import { batchStandingOf, type BatchStanding } from '../../intermediary/batchVerdict.js';
import { didNothing, type Exchange } from '../../intermediary/intermediary.js';
import { storeParts } from '../../spool/parts.js';
import type { PushContext } from '../context.js';
import { instantOf } from '../push.store.js';
import { receiptDigestOf, spoolEnd } from '../request.js';
import { nextAttempt } from '../schedule.js';
import { batchMayFollow } from './batch.js';
import { lockBatch, type BatchRow } from './batch.store.js';
import { become, postponeBatch } from './change.js';
import { openLines } from './line.store.js';

interface Asked {
  /** Whether the exchange asked for the results. */
  readonly withResults: boolean;
  /** It sent the identical envelope once more: an earlier copy may have arrived, or may still. */
  readonly isAgain?: boolean;
}

/**
 * Writes down what an exchange about a batch came to. Results are durable before anything is made of them; what its
 * lines come to follows, one by one.
 */
export async function settleBatch(
  context: PushContext,
  batchId: string,
  exchange: Exchange,
  asked: Asked,
): Promise<void> {
  await context.database.transaction('vault.batch.settle', async (tx) => {
    const batch = await lockBatch(tx, batchId);
    // Whoever came to it first has settled it.
    if (batch === undefined || !IN_EXCHANGE.has(batch.state)) return;
    const receipt = exchange.kind === 'answer' ? exchange.receipt : undefined;
    const standing = standingOn(batch, exchange, asked);
    const last = await lastDeadline(tx, batchId);
    if (standing.state === 'ANSWERED' && isNews(batch, receipt))
      return conclude(context, tx, batch, standing, receipt);
    const ending = endingOf(context, batch, last);
    if (ending !== undefined) return conclude(context, tx, batch, ending);
    await goOn(context, tx, batch, standing, last);
  });
}

const IN_EXCHANGE: ReadonlySet<string> = new Set(['SENDING', 'INDETERMINATE', 'PENDING']);

function standingOn(batch: BatchRow, exchange: Exchange, { withResults, isAgain }: Asked): BatchStanding {
  if (isAgain === true && didNothing(exchange)) return open;
  if (exchange.kind === 'answer')
    return batchStandingOf(exchange.answer, { isKnown: batch.state !== 'SENDING', withResults });
  // Only what was never sent can be said to have had no effect.
  return exchange.kind === 'notReached' && batch.state === 'SENDING'
    ? { state: 'RETRY_WAIT', reason: 'NOT_REACHED' }
    : open;
}

/** Whether it had an effect is asked. */
const open: BatchStanding = { state: 'INDETERMINATE', reason: 'NO_ANSWER' };

/** Results that are those of the last time decide nothing: lines of them still wait for a person. */
function isNews({ receiptDigest }: BatchRow, receipt: Uint8Array | undefined): boolean {
  return receipt === undefined || receiptDigestOf(receipt) !== receiptDigest;
}

/** Until the last of its lines may wait no longer; nothing when none is open. */
async function lastDeadline(tx: Session, batchId: string): Promise<Temporal.Instant> {
  const deadlines = (await openLines(tx, batchId)).map(
    ({ deadline }) => instantOf(deadline).epochMilliseconds,
  );
  return Temporal.Instant.fromEpochMilliseconds(Math.max(0, ...deadlines));
}

type Ending = Pick<BatchStanding, 'reason'>;

/** Why nobody waits any more for what a batch comes to, or nothing. */
function endingOf({ clock }: PushContext, batch: BatchRow, last: Temporal.Instant): Ending | undefined {
  const now = clock.now().epochMilliseconds;
  if (batch.state === 'PENDING')
    return now >= last.epochMilliseconds ? { reason: 'DEADLINE_PASSED' } : undefined;
  const unresolved = instantOf(batch.formedAt).epochMilliseconds + PUSH_UNRESOLVED_MS_MAX;
  return batch.state === 'INDETERMINATE' && now >= unresolved ? { reason: 'UNRESOLVED' } : undefined;
}

/** What a batch came to is durable, with its results where there are any. */
export async function conclude(
  context: PushContext,
  tx: Session,
  batch: BatchRow,
  { reason }: Ending,
  receipt?: Uint8Array,
): Promise<void> {
  const at = context.clock.now();
  const kept = receipt && {
    receiptRefs: await storeParts(context, tx, {
      kind: 'receipt',
      plaintext: receipt,
      eraseAfter: spoolEnd(at),
    }),
    receiptDigest: receiptDigestOf(receipt),
  };
  const changed = { state: 'ANSWERED', reason, at, nextAttemptAt: at } as const;
  await become(tx, context, batch, { ...changed, ...(kept && { receipt: kept }) });
}

async function goOn(
  context: PushContext,
  tx: Session,
  batch: BatchRow,
  { state, reason }: BatchStanding,
  last: Temporal.Instant,
): Promise<void> {
  const at = context.clock.now();
  if (!batchMayFollow(batch.state, state) || state === 'ANSWERED')
    return postponeBatch(tx, batch, earlier(nextAttempt(at, batch.inquiries + 1), last, at));
  const nextAttemptAt = nextAttempt(at, state === 'RETRY_WAIT' ? batch.attempt : 1);
  await become(tx, context, batch, { state, reason, at, nextAttemptAt: earlier(nextAttemptAt, last, at) });
}

/** Its end is looked at when it comes. */
function earlier(next: Temporal.Instant, last: Temporal.Instant, now: Temporal.Instant): Temporal.Instant {
  const isBefore =
    last.epochMilliseconds > now.epochMilliseconds && last.epochMilliseconds < next.epochMilliseconds;
  return isBefore ? last : next;
}
