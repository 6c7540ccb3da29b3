import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { isKuramoriError, KuramoriError, type ErrorCode } from '../../kernel/errors.js';
import {
  BODY_BYTES_MAX,
  DEADLINE_CHECK_MS,
  HEADERS_MS_MAX,
  IDLE_CONNECTION_MS_MAX,
} from '../../kernel/limits.js';
import { errorBody } from './graphqlRoute.js';

/** Key and certificate chain (PEM). */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

const JSON_UTF8 = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i;

/** Fastify's own refusals, in our words. */
const HTTP_REFUSALS: Readonly<Record<number, { code: ErrorCode; message: string }>> = {
  400: { code: 'BAD_INPUT', message: 'The body is not a JSON document.' },
  413: { code: 'PAYLOAD_TOO_LARGE', message: `The body is over the limit of ${BODY_BYTES_MAX} bytes.` },
  415: { code: 'BAD_INPUT', message: 'The body must be application/json in UTF-8.' },
};

/** The HTTP server before any route: limits, JSON in UTF-8 alone, no caching, errors in our words. */
export function createHttp(tls?: TlsFiles, logger?: FastifyBaseLogger): FastifyInstance {
  // Node takes the longer of the two for the whole request, and looks every half minute unless it is told otherwise.
  const deadlines = { headersTimeout: HEADERS_MS_MAX, connectionsCheckingInterval: DEADLINE_CHECK_MS };
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    connectionTimeout: IDLE_CONNECTION_MS_MAX,
    requestTimeout: HEADERS_MS_MAX,
    genReqId: () => randomUUID(),
    return503OnClosing: true,
    logController: new LogController({ disableRequestLogging: true }),
    ...(logger ? { loggerInstance: logger } : {}),
    ...(tls ? { https: { ...tls, ...deadlines, minVersion: 'TLSv1.3' as const } } : { http: deadlines }),
  }) as unknown as FastifyInstance;
  const headers = { ...securityHeaders(), 'cache-control': 'no-store' };
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(headers);
    if (!request.is404) return next();
    reply.status(404).send(errorBody('BAD_INPUT', 'There is nothing under this path.', request.id));
  });
  onlyJson(app);
  inviteBodies(app);
  app.setErrorHandler((error, request, reply) => {
    const known = isKuramoriError(error) ? error : httpRefusal(error);
    const status = known.status === 200 ? 400 : known.status;
    if (known.code === 'INTERNAL')
      request.log.error({ code: known.code, requestId: request.id, kind: kindOf(error) }, 'defect');
    return reply.status(statusOf(error) ?? status).send(errorBody(known.code, known.message, request.id));
  });
  return app;
}

/** A body of another media type or coding is refused before it is read; what is no UTF-8 is not guessed at. */
function onlyJson(app: FastifyInstance): void {
  app.addHook('preParsing', async ({ headers }) => {
    const type = headers['content-type'];
    const isOther = type !== undefined && !JSON_UTF8.test(type);
    if (isOther || (headers['content-encoding'] ?? 'identity') !== 'identity')
      throw Object.assign(new Error('media type'), { statusCode: 415 });
  });
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (isUtf8(body)) return void parse(request, body.toString('utf8'), done);
    done(Object.assign(new Error('not UTF-8'), { statusCode: 400 }));
  });
}

/**
 * `Expect: 100-continue`: a client that asks whether it may send its body is told so once it is known that the body
 * will be read, and otherwise gets the refusal at once.
 */
function inviteBodies(app: FastifyInstance): void {
  const asking = new WeakSet<IncomingMessage>();
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asking.add(request);
    app.server.emit('request', request, response);
  });
  app.addHook('preParsing', async (request, reply) => {
    if (!asking.has(request.raw)) return;
    if (Number(request.headers['content-length']) > request.routeOptions.bodyLimit)
      throw Object.assign(new Error('length'), { statusCode: 413 });
    reply.raw.writeContinue();
  });
}

/** What helmet sets on every answer; the same for all, so that it is asked once. */
function securityHeaders(): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet()(request, response, () => undefined);
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
}

function httpRefusal(error: unknown): KuramoriError {
  const known = HTTP_REFUSALS[statusOf(error) ?? 500];
  return known
    ? new KuramoriError(known.code, known.message)
    : new KuramoriError('INTERNAL', 'The request met a defect of the system. Report the request id.');
}

function statusOf(error: unknown): number | undefined {
  const status =
    typeof error === 'object' && error !== null ? (error as { statusCode?: unknown }).statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
