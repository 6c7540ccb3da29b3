import type { BlockList } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { TlsPem } from '../../config/tlsFiles.js';
import type { Clock } from '../../kernel/clock.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import {
  PUSH_CHANGES_MAX,
  VAULT_OPERATIONS_UNDER_WAY_MAX,
  VAULT_SERVICE_REQUESTS_BURST_MAX,
  VAULT_SERVICE_REQUESTS_PER_SECOND_MAX,
} from '../../kernel/limits.js';
import { pushChangesQueryForm, type PushChanges } from '../../protocol/push.js';
import { operationRequestForm, type Answer, type OperationRequest } from '../client/wire.js';
import { refusedAnswer, sendRefusal, statusOf } from './answer.js';
import { createVaultHttp } from './create.js';
import { addressOf, createDoor } from './door.js';
import { Peers } from './peer.js';
import type { ServiceRefusals } from './refusals.js';
import type { SignedInputKeys } from '../signing/inputKeys.js';
import { Throttle, type ThrottleBounds } from './throttle.js';

/**
 * Runs one operation for a service whose certificate was verified.
 * @throws KuramoriError for a refusal; anything else is a defect, of which the caller learns nothing
 */
export type RunOperation = (request: OperationRequest, service: string) => Promise<Answer>;

/** What the service answers with. */
export interface ServiceDeps {
  readonly runOperation: RunOperation;
  /** Public input keys, newest first, and the same signed. @throws KuramoriError VAULT_SEALED */
  readonly publishedKeys: () => SignedInputKeys;
  /** What became of pushes: states and codes, nothing personal. */
  readonly pushChanges: (after: string, limit: number) => Promise<PushChanges>;
  /** @throws KuramoriError VAULT_SEALED */
  readonly assertOpen: () => void;
  /** Whether an operation could be done now. @throws KuramoriError saying why not */
  readonly assertReady: () => Promise<void>;
  readonly refusals: ServiceRefusals;
  readonly clock: Clock;
  /** Routes beside those of operations: each request has passed the door, and its service is known. */
  readonly moreRoutes?: (app: FastifyInstance, callerOf: (request: FastifyRequest) => string) => void;
}

export interface ServiceSettings {
  readonly tls: TlsPem;
  /** Addresses that may connect. */
  readonly sources: BlockList;
  /** Names, in client certificates, of services that may ask. */
  readonly services: ReadonlySet<string>;
  /** Operations at once; default and ceiling VAULT_OPERATIONS_UNDER_WAY_MAX. */
  readonly operationsUnderWay?: number;
  /** Connections of one address; the default is the limit of `limits.ts`. */
  readonly connections?: ThrottleBounds;
  /** Of one service's operations; the default is the limit of `limits.ts`. */
  readonly requests?: ThrottleBounds;
}

/** The vault over HTTPS: operations, published keys, health. Every route asks for a service of ours. */
export function buildService(
  deps: ServiceDeps,
  settings: ServiceSettings,
  logger: FastifyBaseLogger,
): FastifyInstance {
  const { refusals } = deps;
  const peers = new Peers(settings.services, deps.clock);
  const callers = new WeakMap<FastifyRequest, string>();
  const app = createVaultHttp({
    server: (listener) => createDoor({ ...settings, refusals }, listener),
    logger,
    onRefused: (request, reason) => {
      const address = addressOf(request.raw.socket);
      const service = callers.get(request);
      refusals.note({ coordinate: 'Vault.request', reason, address, service, requestId: request.id });
    },
    onBroken: (socket, reason) =>
      refusals.note({
        coordinate: 'Vault.request',
        reason,
        address: addressOf(socket),
        service: peers.serviceAt(socket),
      }),
  });
  app.addHook('onRequest', async (request, reply) => {
    const service = peers.serviceAt(request.raw.socket);
    if (service === undefined) {
      reply.header('connection', 'close');
      throw serviceUnknown();
    }
    callers.set(request, service);
  });
  const callerOf = (request: FastifyRequest) => callers.get(request) as string;
  registerOperations(app, deps, settings, callerOf);
  deps.moreRoutes?.(app, callerOf);
  registerKeys(app, deps);
  registerPushes(app, deps);
  registerHealth(app, deps);
  return app;
}

const REQUESTS: ThrottleBounds = {
  burst: VAULT_SERVICE_REQUESTS_BURST_MAX,
  perSecond: VAULT_SERVICE_REQUESTS_PER_SECOND_MAX,
};

function registerOperations(
  app: FastifyInstance,
  deps: ServiceDeps,
  settings: ServiceSettings,
  callerOf: (request: FastifyRequest) => string,
): void {
  const throttle = new Throttle(settings.requests ?? REQUESTS);
  const underWayMax = Math.min(
    settings.operationsUnderWay ?? VAULT_OPERATIONS_UNDER_WAY_MAX,
    VAULT_OPERATIONS_UNDER_WAY_MAX,
  );
  let underWay = 0;
  // Before the body: what is refused is not read.
  const admit = async (request: FastifyRequest) => {
    if (underWay >= underWayMax || !throttle.take(callerOf(request))) throw tooMany();
    deps.assertOpen();
  };
  app.post('/v1/operations', { onRequest: admit }, async (request, reply) => {
    const operation = readOperation(request.body);
    underWay += 1;
    try {
      const answer = await deps.runOperation(operation, callerOf(request));
      return await reply.status(statusOf(answer)).send(answer);
    } catch (error) {
      if (!isKuramoriError(error)) throw error;
      const answer = refusedAnswer(error);
      return await reply.status(statusOf(answer)).send(answer);
    } finally {
      underWay -= 1;
    }
  });
}

function registerKeys(app: FastifyInstance, deps: ServiceDeps): void {
  app.get('/v1/keys', () => deps.publishedKeys());
}

/** Changes of pushes, for the gateway and the worker; without an assertion, for they say nothing of anybody. */
function registerPushes(app: FastifyInstance, deps: ServiceDeps): void {
  app.get('/v1/pushes/changes', async (request, reply) => {
    const query = pushChangesQueryForm.safeParse(request.query);
    if (query.success) return reply.send(await deps.pushChanges(query.data.after, query.data.limit));
    const sentence = `The query must have after, a sequence, and limit, 1 to ${PUSH_CHANGES_MAX}.`;
    return sendRefusal(reply, new KuramoriError('BAD_INPUT', sentence));
  });
}

/** `/healthz`: the process lives. `/readyz`: it would do an operation. */
function registerHealth(app: FastifyInstance, deps: ServiceDeps): void {
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await deps.assertReady();
    } catch (error) {
      return sendRefusal(reply, error, 503);
    }
    return reply.send({ status: 'ready' });
  });
}

/** @throws KuramoriError BAD_INPUT naming members, never what they hold */
function readOperation(body: unknown): OperationRequest {
  const result = operationRequestForm.safeParse(body);
  if (result.success) return result.data as OperationRequest;
  throw new KuramoriError(
    'BAD_INPUT',
    'The request must have assertion, body and requestId, may have gatewayEntry, and nothing else.',
  );
}

function serviceUnknown(): KuramoriError {
  return new KuramoriError('UNAUTHENTICATED', 'The certificate is not one of a service that may ask here.');
}

function tooMany(): KuramoriError {
  return new KuramoriError('TOO_MANY_REQUESTS', 'Too many operations are under way. Try again in a moment.');
}
