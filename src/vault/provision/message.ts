import { KuramoriError } from '../../kernel/errors.js';
import { Temporal } from '../../kernel/dates.js';
import { PUSH_ATTEMPTS_MAX } from '../../kernel/limits.js';
import type { Session } from '../../kernel/database/database.js';
import { answerForm } from '../../protocol/intermediary/answer.js';
import { envelopeForm } from '../../protocol/intermediary/message.js';
import type { ProvisionAnswer } from '../../protocol/provision.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { VaultContext } from '../context.js';
import { composeProvision, type Given } from '../intermediary/compose.js';
import {
  didNothing,
  type Exchange,
  type Intermediary,
  type ProvisionEnvelope,
} from '../intermediary/intermediary.js';
import { provisionVerdictOf, type ProvisionVerdict } from '../intermediary/provisionVerdict.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { receiptDigestOf, spoolEnd } from '../push/request.js';
import { nextAttempt, windowOf } from '../push/schedule.js';
import type { SpoolKind } from '../spool/item.js';
import { openParts, storeParts } from '../spool/parts.js';
import { isKnownMessage, lockMessage, takeMessage, updateMessage, type MessageRow } from './message.store.js';

/** One message by which something is given, as it was signed for. */
export interface GivenMessage {
  readonly messageId: string;
  readonly given: Given;
  /** Whom it is about. */
  readonly subjects: readonly VaultRef[];
  /** Whether it may be given now: asked before anything is sent, never before it is known what became of a copy. */
  readonly assertMayBeGiven: () => Promise<void>;
}

const ENDED: ReadonlySet<MessageRow['state']> = new Set(['DONE', 'REFUSED', 'FAILED'] as const);
const OPEN: ReadonlySet<MessageRow['state']> = new Set(['SENDING', 'INDETERMINATE'] as const);

/**
 * Carries a message in the order of effects of a push (handbook 12 §4): the intent of the operation is durable, then
 * `SENDING` with the envelope that leaves, then it leaves; what came of it commits with the completion. Nothing goes on
 * by itself: signed for again under its name, a message that may have had its effect is asked about first, and then the
 * identical envelope alone is sent.
 * @throws KuramoriError CONFLICT when the name is another message's; what `assertMayBeGiven` raises
 */
export async function carryMessage(call: EffectCall, message: GivenMessage): Promise<Effect> {
  const { context } = call;
  const intermediary = context.pushes.configured();
  const isNew = !(await isKnownMessage(context.database, message.messageId));
  if (isNew) await message.assertMayBeGiven();
  const row = await taken(call, message);
  if (ENDED.has(row.state) || rests(row, context.clock.now())) return told(call, message, row);
  if (!OPEN.has(row.state)) {
    if (!isNew) await message.assertMayBeGiven();
    return sent(call, intermediary, message, row);
  }
  const asked = await intermediary.ask(message.messageId);
  // Where it says that it has done nothing so far, a copy that is still on its way may come to it all the same.
  const isTaken = asked.kind !== 'notKnown' && !(asked.kind === 'answer' && didNothing(asked));
  if (isTaken) return settled(call, message, asked);
  const window = windowOf(Temporal.Instant.from(row.sentAt as string), context.clock.now());
  // A copy may still be on its way: until none is taken any more, nothing else is sent.
  if (window === 'waiting') return told(call, message, row);
  // Noted before anybody may refuse to have it sent anew: what surely had no effect is open no longer.
  if (window === 'over') await notReceived(call, message);
  await message.assertMayBeGiven();
  return sent(call, intermediary, message, row, window === 'inWindow');
}

function notReceived({ context }: EffectCall, { messageId }: GivenMessage): Promise<void> {
  return context.database.transaction('vault.provision.notReceived', async (tx) => {
    const row = await lockMessage(tx, messageId);
    if (OPEN.has(row.state)) await updateMessage(tx, { ...row, state: 'RETRY_WAIT', reason: 'NOT_RECEIVED' });
  });
}

function taken(call: EffectCall, { messageId, given, subjects }: GivenMessage): Promise<MessageRow> {
  const { context, assertion, actor } = call;
  return context.database.transaction('vault.provision.take', async (tx) => {
    const row = await takeMessage(tx, {
      messageId,
      kind: given.kind,
      bodyDigest: assertion.bodyDigest,
      personId: actor.person.personId,
      subjects,
      acceptedAt: context.clock.now().toString(),
    });
    const isSame = row.kind === given.kind && row.bodyDigest === assertion.bodyDigest;
    if (isSame && row.personId === actor.person.personId) return row;
    throw new KuramoriError(
      'CONFLICT',
      'A message of this name says something else, or is another person’s. Give each message a name of its own.',
      { rule: 'messageId' },
    );
  });
}

/** One that waits for its next attempt. */
function rests({ nextAttemptAt }: MessageRow, now: Temporal.Instant): boolean {
  if (nextAttemptAt === null) return false;
  return now.epochMilliseconds < Temporal.Instant.from(nextAttemptAt).epochMilliseconds;
}

async function sent(
  call: EffectCall,
  intermediary: Intermediary,
  message: GivenMessage,
  row: MessageRow,
  identical = false,
): Promise<Effect> {
  const bytes = await writtenDown(call, intermediary, message, identical);
  if (bytes === undefined) {
    // The last copy may still be taken: whether it was is asked again.
    if (identical) return told(call, message, row);
    return settled(call, message, { kind: 'noAnswer' }, { spent: 'ATTEMPTS_SPENT' });
  }
  return settled(call, message, await intermediary.send(row.messageId, bytes), { isAgain: identical });
}

/** @returns what leaves; nothing when it was sent as often as it may be */
function writtenDown(
  { context, assertion, actor }: EffectCall,
  { sender, layoutVersion }: Intermediary,
  { messageId, given }: GivenMessage,
  identical: boolean,
): Promise<Uint8Array | undefined> {
  const { clock, database, seal } = context;
  return database.transaction('vault.provision.sending', async (tx) => {
    const row = await lockMessage(tx, messageId);
    if (row.attempt >= PUSH_ATTEMPTS_MAX) return undefined;
    const at = clock.now();
    const attempt = row.attempt + 1;
    const sending = {
      ...row,
      state: 'SENDING',
      reason: 'TRANSMITTING',
      attempt,
      nextAttemptAt: null,
    } as const;
    if (identical) {
      await updateMessage(tx, sending);
      return openParts(context, tx, row.envelopeRefs as readonly VaultRef[], 'envelope');
    }
    const { person } = actor;
    const { purpose, basis, issuedAt, approvals } = assertion;
    const assertedAt = Temporal.Instant.fromEpochMilliseconds(issuedAt * 1_000);
    const by = { messageId, personId: person.personId, unit: person.unit, assertedAt, purpose, basis };
    const { privateKey } = seal.keyRing.active('intermediary');
    const envelope = composeProvision({ sender, layoutVersion }, { ...by, approvals }, given, at, privateKey);
    const bytes = Buffer.from(JSON.stringify(envelope), 'utf8');
    const envelopeRefs = await stored(context, tx, 'envelope', bytes);
    await updateMessage(tx, { ...sending, envelopeRefs, sentAt: at.toString() });
    return bytes;
  });
}

interface Sending {
  /** The identical envelope was sent once more: an earlier copy may have arrived, or may still. */
  readonly isAgain?: boolean;
  readonly spent?: 'ATTEMPTS_SPENT';
}

/** Writes down what an exchange came to, with the completion of the operation. */
function settled(
  call: EffectCall,
  message: GivenMessage,
  exchange: Exchange,
  { isAgain = false, spent }: Sending = {},
): Promise<Effect> {
  const { context } = call;
  return context.database.transaction('vault.provision.settle', async (tx) => {
    const row = await lockMessage(tx, message.messageId);
    // Whoever came to it first has settled it.
    if (ENDED.has(row.state)) return completed(call, tx, message, row, await copiesOf(context, tx, row));
    const verdict: ProvisionVerdict =
      spent === undefined
        ? await verdictOn(context, tx, row, message.given, exchange, isAgain)
        : { state: 'FAILED', reason: spent };
    const kept = await receiptOf(context, tx, exchange, ENDED.has(verdict.state));
    const waits = verdict.state === 'RETRY_WAIT';
    const next = waits ? nextAttempt(context.clock.now(), row.attempt).toString() : null;
    const { state, reason, copies } = verdict;
    const become = { ...row, ...kept, state, reason, nextAttemptAt: next };
    await updateMessage(tx, become);
    return completed(call, tx, message, become, copies);
  });
}

async function verdictOn(
  context: VaultContext,
  tx: Session,
  row: MessageRow,
  given: Given,
  exchange: Exchange,
  isAgain: boolean,
): Promise<ProvisionVerdict> {
  if (isAgain && didNothing(exchange)) return open;
  if (exchange.kind === 'answer') {
    // Once its envelope is erased, the body that was signed for again says the same.
    const asked = row.envelopeRefs === null ? given : await envelopeOf(context, tx, row);
    return provisionVerdictOf(asked, exchange.answer);
  }
  // Only what was never sent can be said to have had no effect.
  return exchange.kind === 'notReached' && row.state === 'SENDING'
    ? { state: 'RETRY_WAIT', reason: 'NOT_REACHED' }
    : open;
}

/** Whether it had an effect is asked. */
const open: ProvisionVerdict = { state: 'INDETERMINATE', reason: 'NO_ANSWER' };

async function receiptOf(context: VaultContext, tx: Session, exchange: Exchange, isEnd: boolean) {
  if (exchange.kind !== 'answer' || !isEnd) return {};
  const { receipt } = exchange;
  return {
    receiptRefs: await stored(context, tx, 'receipt', receipt),
    receiptDigest: receiptDigestOf(receipt),
  };
}

/** A message as it stands: nothing was sent now. */
function told(call: EffectCall, message: GivenMessage, row: MessageRow): Promise<Effect> {
  const { context } = call;
  return context.database.transaction('vault.provision.tell', async (tx) =>
    completed(call, tx, message, row, await copiesOf(context, tx, row)),
  );
}

async function completed(
  { trail }: EffectCall,
  tx: Session,
  { messageId, subjects }: GivenMessage,
  { state, reason, nextAttemptAt }: MessageRow,
  copies: ProvisionAnswer['copies'],
): Promise<Effect> {
  const isDone = state === 'DONE';
  const done = { rows: isDone ? subjects.length : 0, subjects, reason: `${state}:${reason}:${messageId}` };
  const result: ProvisionAnswer = {
    messageId,
    state,
    reason,
    ...(copies && { copies }),
    ...(nextAttemptAt !== null && { nextAttemptAt: Temporal.Instant.from(nextAttemptAt).toString() }),
  };
  return { ...done, result, entry: await trail.completesIn(tx, done) };
}

/** What became of each copy, read again out of the receipt while it and the envelope are kept. */
async function copiesOf(
  context: VaultContext,
  tx: Session,
  row: MessageRow,
): Promise<ProvisionAnswer['copies']> {
  if (row.receiptRefs === null || row.envelopeRefs === null) return undefined;
  const bytes = await openParts(context, tx, row.receiptRefs, 'receipt');
  const read = answerForm.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!read.success || receiptDigestOf(bytes) !== row.receiptDigest) throw integrityFailure();
  return provisionVerdictOf(await envelopeOf(context, tx, row), read.data).copies;
}

async function envelopeOf(context: VaultContext, tx: Session, row: MessageRow): Promise<ProvisionEnvelope> {
  const bytes = await openParts(context, tx, row.envelopeRefs as readonly VaultRef[], 'envelope');
  const read = envelopeForm.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!read.success || read.data.kind !== row.kind) throw integrityFailure();
  return read.data;
}

function stored(
  context: VaultContext,
  tx: Session,
  kind: SpoolKind,
  plaintext: Uint8Array,
): Promise<readonly VaultRef[]> {
  return storeParts(context, tx, { kind, plaintext, eraseAfter: spoolEnd(context.clock.now()) });
}
