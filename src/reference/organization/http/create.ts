import type { RequestListener } from 'node:http';
import type { Server } from 'node:https';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
} from 'fastify';
import { ERROR_CODES, isKuramoriError, KuramoriError } from '../../../kernel/errors.js';
import { TRANSFER_MESSAGE_CHARS_MAX } from '../../../kernel/limits.js';
import { strictJsonObject } from '../../../kernel/token/json.js';

/** Statuses of refusals whose code answers GraphQL with 200. */
const STATUSES: Readonly<Record<string, number>> = { NOT_FOUND: 404, CONFLICT: 409, PACKAGE_REJECTED: 422 };

/**
 * The HTTP server before any route: bytes as a stream, signed messages as text, errors in our words without values.
 */
export function createOrganizationHttp(
  server: (listener: RequestListener) => Server,
  logger: FastifyBaseLogger,
): FastifyInstance {
  const app = Fastify({
    serverFactory: (listener) => server(listener),
    bodyLimit: TRANSFER_MESSAGE_CHARS_MAX,
    return503OnClosing: true,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: logger,
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  // Whoever reads the stream counts its bytes.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, strictJsonObject(body as Buffer));
    } catch {
      done(new KuramoriError('BAD_INPUT', 'The body is not a JSON object, or has a member twice.'));
    }
  });
  app.addHook('onRequest', (_request, reply, next) => {
    void reply.header('cache-control', 'no-store');
    next();
  });
  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, new KuramoriError('NOT_FOUND', 'There is nothing at this path.')),
  );
  app.setErrorHandler((error, request, reply) => {
    // The line broke off in the middle of the body: nobody hears this.
    if (request.raw.destroyed && !request.raw.complete) {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    return sendError(reply, asOurs(error, request.log));
  });
  return app;
}

function sendError(reply: FastifyReply, { code, message, facts }: KuramoriError): FastifyReply {
  const own = ERROR_CODES[code].status;
  // What is left of a body is not waited for.
  void reply.header('connection', 'close');
  return reply.status(STATUSES[code] ?? (own === 200 ? 400 : own)).send({ error: { code, message, facts } });
}

function asOurs(error: unknown, logger: FastifyBaseLogger): KuramoriError {
  if (isKuramoriError(error)) {
    if (error.code === 'PACKAGE_REJECTED') logger.warn({ step: error.facts['step'] }, 'package rejected');
    return error;
  }
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 413) return new KuramoriError('PAYLOAD_TOO_LARGE', 'The message is over its limit.');
  if (statusCode !== undefined && statusCode < 500)
    return new KuramoriError('BAD_INPUT', 'The request cannot be read, or its media type is not taken.');
  logger.error({ kind: (error as object).constructor.name }, 'defect');
  return new KuramoriError('INTERNAL', 'The request met a defect of the server.');
}
