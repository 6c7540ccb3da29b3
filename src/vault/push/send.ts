import type { Session } from '../../kernel/database/database.js';
import { consentFault } from '../refund/consent.js';
import type { SentEnvelope } from '../intermediary/intermediary.js';
import { composeEnvelope } from '../intermediary/compose.js';
import { changeEntry, changePush, intentEntry, pushRecord, type PushChanged } from './change.js';
import type { PushContext } from './context.js';
import { instantOf, lockPush, type PushRow } from './push.store.js';
import { readRequest, store } from './request.js';
import { overBecause } from './schedule.js';
import { settle } from './settle.js';

/**
 * Sends the message of a push that waits (handbook 12 §4, order of effects): the intent is durable, then the state
 * `SENDING` with the envelope that leaves, then it leaves; what came of it is written down by {@link settle}.
 */
export async function send(context: PushContext, push: PushRow): Promise<void> {
  const ending = await endOf(context, push);
  if (ending) return end(context, push, ending);
  const { firstSequence } = await context.audit.append(
    pushRecord(context.clock, push, [intentEntry(push, 'Push.send')]),
  );
  const written = await writeDown(context, push, firstSequence);
  if (written === undefined) return;
  const exchange = await context.intermediary.send(push.messageId, written.bytes);
  await settle(context, push.pushRequestId, written.envelope, exchange);
}

/** Why nothing of a push is sent any more, or nothing: its end, its attempts, a consent that was withdrawn. */
export async function endOf(
  { database, clock }: PushContext,
  push: PushRow,
): Promise<Pick<PushChanged, 'state' | 'reason'> | undefined> {
  const now = clock.now();
  const over = overBecause({ attempt: push.attempt, deadline: instantOf(push.deadline) }, now);
  if (over || push.consentId === null) return over;
  const withdrawn = await consentFault(database, push.consentId, push);
  return withdrawn === undefined ? undefined : { state: 'CANCELLED', reason: 'WITHDRAWN' };
}

async function end(
  context: PushContext,
  push: PushRow,
  ending: Pick<PushChanged, 'state' | 'reason'>,
): Promise<void> {
  await context.database.transaction('vault.push.end', async (tx) => {
    const locked = await lockPush(tx, push.pushRequestId);
    if (locked?.state !== push.state) return;
    await changePush(tx, locked, { ...ending, at: context.clock.now() });
    await context.audit.appendIn(tx, pushRecord(context.clock, locked, [changeEntry(locked, ending)]));
  });
}

interface Written {
  readonly envelope: SentEnvelope;
  readonly bytes: Uint8Array;
}

/** @returns nothing when it was cancelled meanwhile */
function writeDown(context: PushContext, push: PushRow, intent: bigint): Promise<Written | undefined> {
  const { database, clock, seal, intermediary } = context;
  return database.transaction('vault.push.sending', async (tx) => {
    const locked = await lockPush(tx, push.pushRequestId);
    if (locked?.state !== push.state) return undefined;
    const body = await readRequest(context, tx, locked.requestRef);
    const at = clock.now();
    const pushedFor = { ...locked, assertedAt: instantOf(locked.assertedAt) };
    const { privateKey } = seal.keyRing.active('intermediary');
    const envelope = composeEnvelope(intermediary, pushedFor, body, at, privateKey);
    const bytes = Buffer.from(JSON.stringify(envelope), 'utf8');
    const envelopeRef = await store(context, tx, 'envelope', bytes);
    await enterSending(tx, context, locked, { envelopeRef, sentAt: at, intentEntry: intent });
    return { envelope, bytes };
  });
}

/** Writes `SENDING` down, with its entry. */
export async function enterSending(
  tx: Session,
  { clock, audit }: PushContext,
  push: PushRow,
  sending: NonNullable<PushChanged['sending']>,
): Promise<void> {
  const at = clock.now();
  const changed = { state: 'SENDING', reason: 'TRANSMITTING', at, nextAttemptAt: at, sending } as const;
  await changePush(tx, push, changed);
  await audit.appendIn(tx, pushRecord(clock, push, [changeEntry(push, changed)]));
}
