import type { FastifyInstance } from 'fastify';
import type { DropAnswer, DropRequest } from '../../../protocol/intermediary/drop/frame.js';
import type { Breakage } from '../http/fault.js';

/** Said between the paths and the door alone, in one process; no answer carries it out. */
const BROKEN = 'kuramori-broken';

/** By files there is no connection to break: the door is told not to answer, or to write half. */
export const filesBreak: Breakage = {
  cut: (reply) => reply.header(BROKEN, 'cut').send({}),
  half: (reply, answer) => reply.header(BROKEN, 'half').send(answer),
};

/** What comes of a request by file. */
export interface Answered {
  readonly answer: DropAnswer;
  /** What the plan of faults has in store for the answer. */
  readonly broken?: unknown;
}

/** Asks the paths, as somebody over the network would. */
export async function answered(
  app: FastifyInstance,
  { method, path, headers, body }: DropRequest,
): Promise<Answered> {
  const json = body && { 'content-type': 'application/json' };
  const said = await app.inject({
    method,
    url: path,
    headers: { ...headers, ...json },
    ...(body && { payload: Buffer.from(body) }),
  });
  const answer = { status: said.statusCode, bytes: said.rawPayload };
  return { answer, broken: said.headers[BROKEN] };
}
