import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CODES, KuramoriError, isKuramoriError, type ErrorCode } from '../../kernel/errors.js';

/**
 * Statuses of codes that answer 200 in GraphQL, where the code alone decides. Here the status has to speak as well.
 */
const PLAIN_HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_INPUT: 400,
  FORBIDDEN_PURPOSE: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
};

/** `{"error":{"code","message"}}`: the one shape of a failure on these routes. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** Answers a failure. What is not ours is told as INTERNAL and logged by its kind only, for it may hold a password. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = ours(thrown);
  if (error.status >= 500)
    request.log.error({ code: error.code, kind: kindOf(thrown) }, 'A sign-in route failed.');
  const body: ErrorBody = { error: { code: error.code, message: error.message } };
  return reply.code(PLAIN_HTTP_STATUS[error.code] ?? ERROR_CODES[error.code].status).send(body);
}

function ours(thrown: unknown): KuramoriError {
  if (isKuramoriError(thrown)) return thrown;
  const status =
    typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? thrown.statusCode : undefined;
  if (status === 413)
    return new KuramoriError('PAYLOAD_TOO_LARGE', 'The request body is over its limit. Send less.');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new KuramoriError(
      'BAD_INPUT',
      'The request is not JSON of the form this route asks for. Correct it.',
    );
  }
  return new KuramoriError(
    'INTERNAL',
    'The request could not be answered because of a defect. Report the request id.',
  );
}

function kindOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}
