import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KuramoriError } from '../../../kernel/errors.js';
import { messageId as messageIdForm } from '../../../protocol/intermediary/codes.js';
import type { Answer } from '../../../protocol/intermediary/answer.js';
import {
  envelopeForm,
  MESSAGE_KINDS,
  type Envelope,
  type MessageKind,
} from '../../../protocol/intermediary/message.js';
import type { Body } from '../body.js';
import type { Exchange } from '../exchange.js';
import { hasIndividualNumber } from '../individualNumber.js';
import { look, receive, refuse } from '../receive.js';
import type { FaultPlan } from '../faults.js';
import type { Turn } from '../turn.js';
import { sendWithFault, withoutLines, type Breakage } from './fault.js';

/** What the routes work on. */
export interface RouteDeps {
  readonly exchange: Exchange;
  readonly turn: Turn;
  readonly faults: FaultPlan;
  readonly breakage: Breakage;
  /** The body whose system asks; every route answers of that body alone. */
  readonly bodyOf: (request: FastifyRequest) => Body;
}

interface OfId {
  readonly Params: { readonly id: string };
}

/** Messages and batches: envelope in, envelope out. */
export function registerMessages(app: FastifyInstance, deps: RouteDeps): void {
  const { bodyOf } = deps;
  app.post('/v1/messages', (request, reply) =>
    post(deps, request, reply, (kind) => kind !== 'inquiry.batch'),
  );
  app.post('/v1/batches', (request, reply) => post(deps, request, reply, (kind) => kind === 'inquiry.batch'));
  app.post<OfId>('/v1/pending-provisions/:id/decision', (request, reply) =>
    post(deps, request, reply, (kind) => kind === 'provision.decide', request.params.id),
  );
  app.get<OfId>('/v1/messages/:id', (request, reply) => get(deps, bodyOf(request), reply, request.params.id));
  app.get<OfId>('/v1/batches/:id', (request, reply) =>
    get(deps, bodyOf(request), reply, request.params.id, withoutLines),
  );
  app.get<OfId>('/v1/batches/:id/result', (request, reply) =>
    get(deps, bodyOf(request), reply, request.params.id),
  );
}

async function post(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  isTaken: (kind: MessageKind) => boolean,
  provisionId?: string,
): Promise<FastifyReply> {
  const { exchange, turn } = deps;
  const body = deps.bodyOf(request);
  const handle = async () => {
    const answer = await turn.take(() => handleMessage(exchange, body, request.body, isTaken, provisionId));
    if (answer.status === 'ACCEPTED') goOnLater(deps, request, body, answer.messageId);
    return answer;
  };
  return sendWithFault(deps, reply, handle);
}

/** A batch is handled when its acceptance has been said; whoever asks for its results waits for that. */
function goOnLater(
  { exchange, turn }: RouteDeps,
  request: FastifyRequest,
  body: Body,
  messageId: string,
): void {
  turn
    .take(() => look(exchange, body, messageId))
    .catch((error: unknown) => request.log.error({ kind: (error as object).constructor.name }, 'batch'));
}

/** @throws KuramoriError BAD_INPUT when it has not even a number to be answered under */
async function handleMessage(
  exchange: Exchange,
  body: Body,
  message: unknown,
  isTaken: (kind: MessageKind) => boolean,
  provisionId: string | undefined,
): Promise<Answer> {
  if (hasIndividualNumber(message))
    return refuse(exchange, body, headOf(message), 'INDIVIDUAL_NUMBER_PRESENT');
  const read = envelopeForm.safeParse(message);
  if (!read.success || !isTaken(read.data.kind) || !isOfPath(read.data, provisionId))
    return refuse(exchange, body, headOf(message), 'FORMAT_ERROR');
  return receive(exchange, body, read.data);
}

function isOfPath(envelope: Envelope, provisionId: string | undefined): boolean {
  if (provisionId === undefined) return true;
  return envelope.kind === 'provision.decide' && envelope.body.provisionId === provisionId;
}

/** As much of a message without form as an answer needs. Who sent it is not believed, and not written down. */
function headOf(message: unknown): Pick<Envelope, 'messageId' | 'kind' | 'actAs'> {
  const { messageId, kind } = message as { messageId?: unknown; kind?: unknown };
  const known = MESSAGE_KINDS.find((each) => each === kind);
  const id = messageIdForm.safeParse(messageId);
  if (known === undefined || !id.success)
    throw new KuramoriError('BAD_INPUT', 'The message has no number or no kind. Send an envelope.');
  return { messageId: id.data, kind: known, actAs: { personId: '-', unitCode: '-', stepUpAt: '-' } };
}

async function get(
  deps: RouteDeps,
  body: Body,
  reply: FastifyReply,
  messageId: string,
  shown: (answer: Answer, exchange: Exchange) => Answer = (answer) => answer,
): Promise<FastifyReply> {
  const { exchange, turn } = deps;
  return sendWithFault(deps, reply, async () => {
    const answer = await turn.take(() => look(exchange, body, messageId));
    if (answer === undefined)
      throw new KuramoriError('NOT_FOUND', 'No message of this number has arrived from this body.');
    return shown(answer, exchange);
  });
}
