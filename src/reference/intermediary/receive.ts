import { Temporal } from '../../kernel/dates.js';
import { INTERMEDIARY_RESULT_DAYS, INTERMEDIARY_SENT_AT_MS_MAX } from '../../kernel/limits.js';
import type { Answer, Reason } from '../../protocol/intermediary/answer.js';
import type { Envelope, EnvelopeOf, MessageKind } from '../../protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import { signAnswer, signatureFault } from '../../protocol/intermediary/signature.js';
import { MESSAGES, messagesOf, RECORD_IDS, recordIdsOf, type Body, type KeptMessage } from './body.js';
import { signingKeysOf } from './enrol.js';
import type { Exchange } from './exchange.js';
import { NETWORK_BODY } from './seed.js';
import { actorFault } from './staff.js';
import type { Change } from './store/store.js';
import { complete } from './work/complete.js';
import { lineName, linesOf } from './work/inquire.js';
import { layoutsInForce, query } from './work/query.js';
import type { Worked } from './work/answers.js';

const MS_PER_DAY = 86_400_000;

/**
 * The life of a message: proofs, number, time, layout, person, the rules of its kind; then it is durable, then it is
 * handled, then the log has it, then the answer goes out.
 * @param envelope in its form, from the system of `body` as its certificate says
 * @throws KuramoriError TOO_MANY_REQUESTS when a journal is full
 */
export async function receive(exchange: Exchange, body: Body, envelope: Envelope): Promise<Answer> {
  const fault = proofFault(body, envelope);
  if (fault !== undefined) return refuse(exchange, body, envelope, fault);
  const kept = messagesOf(body).get(envelope.messageId);
  if (kept !== undefined) {
    // The same number must be the same message; its time and its person may have been stated anew.
    const isSame = kept.digest === envelope.digest && kept.kind === envelope.kind;
    if (!isSame) return refuse(exchange, body, envelope, 'REPLAY_DETECTED');
    return finish(exchange, body, envelope);
  }
  const refusal = rulesFault(exchange, envelope);
  if (refusal !== undefined) return refuse(exchange, body, envelope, refusal);
  if (envelope.kind === 'query') return answerQuery(exchange, body, envelope);
  await body.store.commit(received(exchange, body, envelope));
  return finish(exchange, body, envelope);
}

/** Refuses a message and writes that down; its number stays free. */
export async function refuse(
  exchange: Exchange,
  body: Body,
  of: Pick<Envelope, 'messageId' | 'kind' | 'actAs'>,
  reason: Reason,
): Promise<Answer> {
  return logged(exchange, body, of, { status: 'REFUSED', reason, body: {} });
}

/**
 * What became of a message, as far as it has become anything.
 * @returns undefined when no such message ever arrived from this body
 */
export async function look(exchange: Exchange, body: Body, messageId: string): Promise<Answer | undefined> {
  if (!messagesOf(body).has(messageId)) return undefined;
  const { kind, ...kept } = await complete(exchange, body, messageId);
  return answerOf(exchange, { messageId, kind }, outcomeOf(exchange, { kind, ...kept }));
}

function proofFault(body: Body, envelope: Envelope): Reason | undefined {
  const { bodyCode, systemId } = envelope.sender;
  if (bodyCode !== body.bodyCode || systemId !== body.systemId) return 'SENDER_NOT_ACCEPTED';
  const faults = signingKeysOf(body).map((key) => signatureFault(envelope, key));
  return faults.includes(undefined) ? undefined : (faults[0] ?? 'SIGNATURE_INVALID');
}

function rulesFault(exchange: Exchange, envelope: Envelope): Reason | undefined {
  const now = exchange.clock.now();
  const away = Math.abs(now.epochMilliseconds - Temporal.Instant.from(envelope.sentAt).epochMilliseconds);
  if (away > INTERMEDIARY_SENT_AT_MS_MAX) return 'SENT_AT_OUT_OF_WINDOW';
  if (!layoutsInForce(exchange).includes(envelope.layoutVersion) && !isHandshake(envelope))
    return 'LAYOUT_UNKNOWN';
  return actorFault(exchange.staff, envelope, now) ?? kindFault(envelope);
}

/** Versions that both sides understand are only found out by it. */
function isHandshake(envelope: Envelope): boolean {
  return envelope.kind === 'query' && envelope.body.ask === 'handshake';
}

function kindFault(envelope: Envelope): Reason | undefined {
  switch (envelope.kind) {
    case 'inquiry':
    case 'inquiry.batch': {
      const lines = linesOf(envelope);
      if (new Set(lines.map(({ lineNo }) => lineNo)).size < lines.length) return 'FORMAT_ERROR';
      const lacksConsent = lines.some(
        (line) =>
          line.informationNameCode === REGISTERED_ACCOUNT.informationNameCode && line.consentId === undefined,
      );
      return lacksConsent ? 'CONSENT_REQUIRED' : undefined;
    }
    case 'copy.register':
      return envelope.body.copies.every((copy) => copy.publishedFrom <= copy.publishedTo)
        ? undefined
        : 'FORMAT_ERROR';
    case 'code.acquire':
    case 'copy.delete':
    case 'provision.decide':
    case 'query':
      return undefined;
  }
}

/** The message, and the record numbers that are used up by it whatever becomes of it. */
function received({ clock }: Exchange, body: Body, envelope: Envelope): Change[] {
  const { messageId, digest, kind } = envelope;
  const kept: KeptMessage = { digest, kind, receivedAt: clock.now().toString(), envelope };
  const changes: Change[] = [[MESSAGES, messageId, kept]];
  if (envelope.kind !== 'inquiry' && envelope.kind !== 'inquiry.batch') return changes;
  const used = new Set(recordIdsOf(body).keys());
  for (const { recordId, lineNo } of linesOf(envelope)) {
    if (!used.has(recordId)) changes.push([RECORD_IDS, recordId, lineName(messageId, lineNo)]);
    used.add(recordId);
  }
  return changes;
}

async function finish(exchange: Exchange, body: Body, envelope: Envelope): Promise<Answer> {
  // A batch is handled after its answer; whoever asks for its result waits for it.
  const isLater = envelope.kind === 'inquiry.batch';
  const kept = isLater
    ? messagesOf(body).get(envelope.messageId)!
    : await complete(exchange, body, envelope.messageId);
  const outcome =
    isLater && kept.envelope !== undefined ? accepted(kept.envelope) : outcomeOf(exchange, kept);
  return logged(exchange, body, envelope, outcome);
}

type Outcome = Omit<Worked, 'changes'> & { readonly sentAt?: string };

function accepted(envelope: Envelope): Outcome {
  const count = envelope.kind === 'inquiry.batch' ? envelope.body.lines.length : 1;
  return { status: 'ACCEPTED', body: { batchId: envelope.messageId, count } };
}

function outcomeOf(exchange: Exchange, kept: KeptMessage): Outcome {
  if (kept.envelope === undefined || isExpired(kept, exchange.clock.now()))
    return { status: 'REFUSED', reason: 'RESULT_EXPIRED', body: {} };
  return kept.answer ?? { status: 'RETRYABLE', reason: 'OUTAGE', body: {} };
}

/** Whether the result of a message is kept no longer. */
export function isExpired({ receivedAt }: Pick<KeptMessage, 'receivedAt'>, now: Temporal.Instant): boolean {
  const age = now.epochMilliseconds - Temporal.Instant.from(receivedAt).epochMilliseconds;
  return age >= INTERMEDIARY_RESULT_DAYS * MS_PER_DAY;
}

/** Nothing is kept of a query but its number, for as long as a second one could pass for it. */
function answerQuery(exchange: Exchange, body: Body, envelope: EnvelopeOf<'query'>): Promise<Answer> {
  const nonce = `${body.bodyCode} ${envelope.messageId}`;
  const digest = exchange.nonces.get(nonce) ?? envelope.digest;
  if (digest !== envelope.digest) return refuse(exchange, body, envelope, 'REPLAY_DETECTED');
  exchange.nonces.set(nonce, digest);
  const { changes: _, ...outcome } = query(exchange, body, envelope);
  return logged(exchange, body, envelope, outcome);
}

async function logged(
  exchange: Exchange,
  body: Body,
  of: { readonly messageId: string; readonly kind: MessageKind; readonly actAs: Envelope['actAs'] },
  outcome: Outcome,
): Promise<Answer> {
  const { personId, unitCode } = of.actAs;
  const { status, reason } = outcome;
  const { messageId, kind } = of;
  const at = exchange.clock.now().toString();
  await body.log.append({
    at,
    personId,
    unitCode,
    kind,
    messageId,
    status,
    ...(reason === undefined ? {} : { reason }),
  });
  return answerOf(exchange, of, outcome);
}

function answerOf(
  exchange: Exchange,
  { messageId, kind }: { readonly messageId: string; readonly kind: MessageKind },
  { status, reason, body, sentAt }: Outcome,
): Answer {
  const { keyId, privateKey } = exchange.keys.current();
  const at = sentAt ?? exchange.clock.now().toString();
  return signAnswer(
    {
      messageId,
      kind,
      status,
      ...(reason === undefined ? {} : { reason }),
      sentAt: at,
      sender: { bodyCode: NETWORK_BODY.bodyCode, systemId: NETWORK_BODY.systemId },
      layoutVersion: layoutsInForce(exchange).at(-1) ?? '0000-01',
      keyId,
      body,
    },
    privateKey,
  );
}
