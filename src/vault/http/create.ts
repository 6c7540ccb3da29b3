import { randomUUID } from 'node:crypto';
import type { Server } from 'node:https';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import { isKuramoriError, KuramoriError, type ErrorCode } from '../../kernel/errors.js';
import { VAULT_REQUEST_BYTES_MAX } from '../../kernel/limits.js';
import { strictJsonObject } from '../../kernel/token/json.js';
import { storageFull } from '../../kernel/storage.js';
import { sendRefusal } from './answer.js';
import type { ServiceRefusalReason } from './refusals.js';

/** Taken by routes alone that say `takesBytes`. */
const BYTES = 'application/octet-stream';
const JSON_UTF8 = /^application\/json(?:\s*;\s*charset=utf-8)?$/i;

/** On every answer: nothing is kept, guessed, embedded or told on. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

/** Fastify's own refusals, in our words; what it refuses otherwise is a defect of ours. */
const HTTP_REFUSALS: Readonly<
  Record<number, { code: ErrorCode; message: string; reason: ServiceRefusalReason }>
> = {
  413: {
    code: 'PAYLOAD_TOO_LARGE',
    message: `The body is over the limit of ${VAULT_REQUEST_BYTES_MAX} bytes.`,
    reason: 'requestTooLarge',
  },
  415: {
    code: 'BAD_INPUT',
    message: 'The body must be application/json in UTF-8.',
    reason: 'requestMalformed',
  },
};

/** What an HTTP layer of the vault is built with. */
export interface HttpOptions {
  readonly server: (listener: RequestListener) => Server;
  readonly logger: FastifyBaseLogger;
  /** Told of what is refused before a route is reached, or by a defect in one. */
  readonly onRefused: (request: FastifyRequest, reason: ServiceRefusalReason) => void;
  /** Told of what is no HTTP, or comes too slowly. */
  readonly onBroken: (socket: Socket, reason: ServiceRefusalReason) => void;
}

/**
 * The HTTP server before any route: strict JSON, bytes where a route says so, no caching, errors in our words and
 * without values.
 */
export function createVaultHttp(options: HttpOptions): FastifyInstance {
  const app = Fastify({
    serverFactory: (listener) => options.server(listener),
    bodyLimit: VAULT_REQUEST_BYTES_MAX,
    genReqId: () => randomUUID(),
    return503OnClosing: true,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: options.logger,
    frameworkErrors: (_error, request, reply) => {
      options.onRefused(request, 'requestMalformed');
      const refusal = new KuramoriError('BAD_INPUT', 'The path cannot be read.');
      void sendRefusal(reply.headers(HEADERS), refusal);
    },
    clientErrorHandler: (error, socket) => answerBroken(error, socket, options),
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, strictJsonObject(body as Buffer));
    } catch {
      done(badBody());
    }
  });
  app.addHook('onRequest', (_request, reply, next) => {
    reply.headers(HEADERS);
    next();
  });
  app.addHook('preParsing', async (request) => {
    const type = request.headers['content-type'];
    const takesBytes = 'takesBytes' in request.routeOptions.config && type === BYTES;
    if (type !== undefined && !takesBytes && !JSON_UTF8.test(type))
      throw Object.assign(new Error('media type'), { statusCode: 415 });
  });
  app.setNotFoundHandler((request, reply) => {
    options.onRefused(request, 'routeUnknown');
    return sendRefusal(reply, new KuramoriError('NOT_FOUND', 'There is nothing at this path.'), 404);
  });
  app.setErrorHandler((error, request, reply) => {
    // The connection broke off in the middle of the body: whoever broke it off has noted why, and nobody hears this.
    if (request.raw.destroyed && !request.raw.complete) return reply.hijack();
    const { refusal, reason, status } = refusalOf(error);
    if (reason === 'defect')
      request.log.error({ requestId: request.id, kind: (error as object).constructor.name }, 'defect');
    options.onRefused(request, reason);
    return sendRefusal(reply, refusal, status);
  });
  return app;
}

interface HttpRefusal {
  readonly refusal: KuramoriError;
  readonly reason: ServiceRefusalReason;
  readonly status?: number;
}

function refusalOf(error: unknown): HttpRefusal {
  if (isKuramoriError(error)) return { refusal: error, reason: REASONS[error.code] ?? 'requestMalformed' };
  const { statusCode } = error as { statusCode?: number };
  const known = HTTP_REFUSALS[Number(statusCode)];
  if (known !== undefined) {
    return {
      refusal: new KuramoriError(known.code, known.message),
      reason: known.reason,
      status: Number(statusCode),
    };
  }
  const defect = new KuramoriError(
    'INTERNAL',
    'The request met a defect of the system. Report the request id.',
  );
  return { refusal: storageFull(error) ?? defect, reason: 'defect' };
}

const REASONS: Readonly<Partial<Record<string, ServiceRefusalReason>>> = {
  UNAUTHENTICATED: 'serviceUnknown',
  TOO_MANY_REQUESTS: 'tooManyRequests',
  VAULT_SEALED: 'sealed',
};

function badBody(): KuramoriError {
  return new KuramoriError('BAD_INPUT', 'The body is not a JSON object, or has a member twice.');
}

/** Codes of a caller who went away in the middle, which refuses nothing. */
const GONE: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE']);

function answerBroken(error: NodeJS.ErrnoException, socket: Socket, { onBroken }: HttpOptions): void {
  // What comes after an answer is looked at no more.
  if (GONE.has(error.code) || !socket.writable) return void socket.destroy();
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  onBroken(socket, isLate ? 'requestTimeout' : 'requestMalformed');
  const status = isLate ? '408 Request Timeout' : '400 Bad Request';
  const answer = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}
