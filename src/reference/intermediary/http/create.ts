import type { Server, RequestListener } from 'node:http';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
} from 'fastify';
import { ERROR_CODES, isKuramoriError, KuramoriError } from '../../../kernel/errors.js';
import { INTERMEDIARY_MESSAGE_BYTES_MAX } from '../../../kernel/limits.js';
import { strictJsonObject } from '../../../kernel/token/json.js';

/** Statuses of what never became a message; what has no status of its own is a bad request. */
const STATUSES: Readonly<Record<string, number>> = { NOT_FOUND: 404, UNAUTHENTICATED: 401 };

/**
 * The paths before any of them is there: strict JSON alone, errors in our words and without values.
 * @param server what listens for them; without one nothing does, and they are asked within the process
 */
export function createIntermediaryHttp(
  logger: FastifyBaseLogger,
  server?: (listener: RequestListener) => Server,
): FastifyInstance {
  const app = Fastify({
    ...(server && { serverFactory: (listener: RequestListener) => server(listener) }),
    bodyLimit: INTERMEDIARY_MESSAGE_BYTES_MAX,
    return503OnClosing: true,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: logger,
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
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
  app.setErrorHandler((error, request, reply) => sendError(reply, asOurs(error, request.log)));
  return app;
}

/** Says that something never became a message. */
export function sendError(reply: FastifyReply, { code, message }: KuramoriError): FastifyReply {
  const own = ERROR_CODES[code].status;
  return reply.status(STATUSES[code] ?? (own === 200 ? 400 : own)).send({ error: { code, message } });
}

function asOurs(error: unknown, logger: FastifyBaseLogger): KuramoriError {
  if (isKuramoriError(error)) return error;
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 413) {
    return new KuramoriError(
      'PAYLOAD_TOO_LARGE',
      `The body is over the limit of ${INTERMEDIARY_MESSAGE_BYTES_MAX} bytes.`,
    );
  }
  if (statusCode === 415) return new KuramoriError('BAD_INPUT', 'The body must be application/json.');
  if (statusCode !== undefined && statusCode < 500)
    return new KuramoriError('BAD_INPUT', 'The request cannot be read.');
  logger.error({ kind: (error as object).constructor.name }, 'defect');
  return new KuramoriError('INTERNAL', 'The request met a defect of the server.');
}
