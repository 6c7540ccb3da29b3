import type { AuditEntry } from '../../audit/record.js';
import type { Session } from '../../kernel/database/database.js';
import { PUSH_UNRESOLVED_MS_MAX } from '../../kernel/limits.js';
import { composeQuestion } from '../intermediary/compose.js';
import { didNothing } from '../intermediary/intermediary.js';
import { settle } from './settle.js';
import { changeEntry, changePush, intentEntry, postpone, pushRecord, type PushChanged } from './change.js';
import type { PushContext } from './context.js';
import { instantOf, lockPush, type PushRow } from './push.store.js';
import { readEnvelope, readRequest } from './request.js';
import { recordProvision } from './provisionRecord.js';
import { nextAttempt, windowEnd, windowOf } from './schedule.js';
import { endOf, enterSending } from './send.js';
import type { VaultRef } from '../number/vaultRef.js';

/**
 * Asks what became of a message that may have had its effect, or that waits for a decision (handbook 12 §4). Nothing
 * is sent before the other side has said that it does not know the message, and then nothing but the same envelope.
 */
export async function ask(context: PushContext, push: PushRow): Promise<void> {
  const { audit, clock, database, intermediary } = context;
  await audit.append(pushRecord(clock, push, [intentEntry(push, 'Push.ask')]));
  if (push.state === 'PENDING' && push.procedure === 'acquireCode') return askForCode(context, push);
  const exchange = await intermediary.ask(push.messageId);
  if (exchange.kind === 'notKnown') return notKnown(context, push);
  if (exchange.kind !== 'answer' && push.state === 'INDETERMINATE') return later(context, push);
  // It has done nothing so far; a copy that is still on its way may come to it when it is in service again.
  if (push.state === 'INDETERMINATE' && didNothing(exchange)) return notKnown(context, push);
  const { envelope } = await readEnvelope(context, database, envelopeRefOf(push));
  return settle(context, push.pushRequestId, envelope, exchange);
}

/** What was answered to an acquisition stays what it was: whether the code has come is a question of its own. */
async function askForCode(context: PushContext, push: PushRow): Promise<void> {
  const { clock, database, intermediary, seal } = context;
  const body = await readRequest(context, database, push.requestRef);
  const pushedFor = { ...push, assertedAt: instantOf(push.assertedAt) };
  const { privateKey } = seal.keyRing.active('intermediary');
  const question = composeQuestion(intermediary, pushedFor, body, clock.now(), privateKey);
  const bytes = Buffer.from(JSON.stringify(question), 'utf8');
  const exchange = await intermediary.send(question.messageId, bytes);
  return settle(context, push.pushRequestId, question, exchange);
}

/** The other side is away, and whether there was an effect stays open. It is asked again, but not for ever. */
async function later(context: PushContext, push: PushRow): Promise<void> {
  const now = context.clock.now();
  const end = instantOf(push.acceptedAt).add({ milliseconds: PUSH_UNRESOLVED_MS_MAX });
  if (now.epochMilliseconds >= end.epochMilliseconds) return unresolved(context, push);
  await postpone(context.database, push, nextAttempt(now, push.inquiries + 1));
}

async function notKnown(context: PushContext, push: PushRow): Promise<void> {
  const now = context.clock.now();
  // It had been taken, and is not there any more.
  if (push.state === 'PENDING') return unresolved(context, push);
  const sentAt = instantOf(push.sentAt as string);
  const window = windowOf(sentAt, now);
  if (window === 'over')
    return change(context, push, {
      state: 'RETRY_WAIT',
      reason: 'NOT_RECEIVED',
      at: now,
      nextAttemptAt: now,
    });
  // A copy may still be on its way: until none is taken any more it is not known to have had no effect.
  if (window === 'waiting' || (await endOf(context, push)))
    return postpone(context.database, push, windowEnd(sentAt));
  return sendAgain(context, push);
}

/** The identical envelope, once more. */
async function sendAgain(context: PushContext, push: PushRow): Promise<void> {
  const { audit, clock, database, intermediary } = context;
  const envelopeRef = envelopeRefOf(push);
  const { envelope, bytes } = await readEnvelope(context, database, envelopeRef);
  const { firstSequence } = await audit.append(pushRecord(clock, push, [intentEntry(push, 'Push.send')]));
  const isOurs = await database.transaction('vault.push.again', async (tx) => {
    const locked = await lockPush(tx, push.pushRequestId);
    if (locked?.state !== push.state) return false;
    const sentAt = instantOf(locked.sentAt as string);
    await enterSending(tx, context, locked, { envelopeRef, sentAt, intentEntry: firstSequence });
    return true;
  });
  if (!isOurs) return;
  const exchange = await intermediary.send(push.messageId, bytes);
  await settle(context, push.pushRequestId, envelope, exchange, true);
}

/** The vault ended while the message was on its way: whether it had an effect is asked at once. */
export function interrupted(context: PushContext, push: PushRow): Promise<void> {
  const at = context.clock.now();
  return change(context, push, { state: 'INDETERMINATE', reason: 'INTERRUPTED', at, nextAttemptAt: at });
}

/**
 * Nobody will know any more whether it had its effect. An inquiry may have been carried out, so that its information
 * provision record (番号法 23条) is left all the same, and says that this is open.
 */
async function unresolved(context: PushContext, push: PushRow): Promise<void> {
  const at = context.clock.now();
  const verdict = { state: 'FAILED', reason: 'UNRESOLVED' } as const;
  const { envelope } = await readEnvelope(context, context.database, envelopeRefOf(push));
  await change(context, push, { ...verdict, at }, async (tx, locked) => {
    if (envelope.kind !== 'inquiry') return [];
    const inquiry = { push: locked, asked: envelope, verdict, self: context.intermediary.self };
    return recordProvision(tx, at, inquiry);
  });
}

/** @param beside what is written down with the change, and its entries */
async function change(
  { database, clock, audit }: PushContext,
  push: PushRow,
  changed: PushChanged,
  beside: (tx: Session, locked: PushRow) => Promise<readonly AuditEntry[]> = () => Promise.resolve([]),
): Promise<void> {
  await database.transaction('vault.push.become', async (tx) => {
    const locked = await lockPush(tx, push.pushRequestId);
    if (locked?.state !== push.state) return;
    const entries = await beside(tx, locked);
    await changePush(tx, locked, changed);
    await audit.appendIn(tx, pushRecord(clock, locked, [changeEntry(locked, changed), ...entries]));
  });
}

/** Whatever was sent was written down before. */
function envelopeRefOf({ envelopeRef }: PushRow): VaultRef {
  return envelopeRef as VaultRef;
}
