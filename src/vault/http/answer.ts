import type { FastifyReply } from 'fastify';
import { ERROR_CODES, isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { storageFull } from '../../kernel/storage.js';
import type { Answer, OperationRefused } from '../client/wire.js';

/** HTTP status of an answer: 200 unless its code has one of its own (handbook 15 §10). */
export function statusOf(answer: Answer): number {
  return answer.outcome === 'done' ? 200 : ERROR_CODES[answer.error.code].status;
}

/**
 * The answer to something thrown. What is not ours is a defect, of which the caller learns nothing.
 * @param thrown anything
 */
export function refusedAnswer(thrown: unknown): OperationRefused {
  const { code, message, facts } = isKuramoriError(thrown) ? thrown : (storageFull(thrown) ?? defect());
  return {
    outcome: 'refused',
    error: { code, message, ...(Object.keys(facts).length === 0 ? {} : { facts }) },
  };
}

/** Sends a refusal from before any operation: there, a code without a status of its own is a bad request. */
export function sendRefusal(reply: FastifyReply, error: unknown, status?: number): FastifyReply {
  const answer = refusedAnswer(error);
  const own = statusOf(answer);
  return reply.status(status ?? (own === 200 ? 400 : own)).send(answer);
}

function defect(): KuramoriError {
  return new KuramoriError('INTERNAL', 'The request met a defect of the system. Report the request id.');
}
