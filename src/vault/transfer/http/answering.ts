import type { FastifyReply, FastifyRequest } from 'fastify';
import { isKuramoriError } from '../../../kernel/errors.js';
import { sendRefusal } from '../../http/answer.js';
import { isToBeRaised, reasonOf } from '../../operation/trail.js';
import type { TransferContext } from '../context.js';
import { transferRecord } from '../log.js';
import { underRequest } from '../requestId.js';

/** One call about a transfer: its coordinate in the log, and by which service. */
export interface TransferCall {
  readonly coordinate: string;
  readonly packageId: string;
  readonly by: string;
  /** By which the service's own log has the request. */
  readonly requestId?: string | undefined;
}

/**
 * Answers what the work came to. A refusal is an entry of the log (handbook 15 §10); what is not ours goes on to where
 * defects are told.
 */
export function answering(
  context: Pick<TransferContext, 'audit' | 'clock'>,
  reply: FastifyReply,
  call: TransferCall,
  work: () => Promise<unknown>,
): Promise<FastifyReply> {
  return underRequest(call.requestId, () => answered(context, reply, call, work));
}

async function answered(
  { audit, clock }: Pick<TransferContext, 'audit' | 'clock'>,
  reply: FastifyReply,
  call: TransferCall,
  work: () => Promise<unknown>,
): Promise<FastifyReply> {
  try {
    return await reply.send(await work());
  } catch (error) {
    if (!isKuramoriError(error)) throw error;
    if (!isKuramoriError(error, 'AUDIT_UNAVAILABLE')) {
      const raised = isToBeRaised(error) ? ({ raised: true } as const) : {};
      await audit.append(
        transferRecord(clock, { ...call, reason: reasonOf(error), refused: true, ...raised }),
      );
    }
    return sendRefusal(reply.type('application/json; charset=utf-8'), error);
  }
}

/** The parameters of a route, which its pattern has made texts. */
export function paramsOf<Name extends string>(request: FastifyRequest): Readonly<Record<Name, string>> {
  return request.params as Readonly<Record<Name, string>>;
}
