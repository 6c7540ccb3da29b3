import type { Http2ServerResponse } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { KuramoriError } from '../../../kernel/errors.js';
import type { Answer, InquiryResult, UnsignedAnswer } from '../../../protocol/intermediary/answer.js';
import { signAnswer } from '../../../protocol/intermediary/signature.js';
import type { Exchange } from '../exchange.js';
import type { FaultKind, FaultPlan } from '../faults.js';

/** How an exchange breaks off on its way. */
export interface Breakage {
  /** Nothing more comes. */
  cut(reply: FastifyReply): FastifyReply;
  /** The first half of the answer comes. */
  half(reply: FastifyReply, answer: Answer): FastifyReply;
}

/** Answers a request, or lets happen what the plan of faults says. */
export async function sendWithFault(
  {
    exchange,
    faults,
    breakage,
  }: { readonly exchange: Exchange; readonly faults: FaultPlan; readonly breakage: Breakage },
  reply: FastifyReply,
  handle: () => Promise<Answer>,
): Promise<FastifyReply> {
  const { fault, ms = 0 } = faults.next() ?? {};
  if (fault === 'dropBefore') return breakage.cut(reply);
  if (fault === 'unavailable') throw new KuramoriError('TIMEOUT', 'The server is out of service.');
  if (fault === 'reorder') await faults.beOvertaken();
  if (fault === 'duplicate') await handle();
  const answer = altered(await handle(), fault, exchange);
  faults.overtake();
  if (fault === 'dropAfter') return breakage.cut(reply);
  if (fault === 'delay') await pause(ms);
  if (fault === 'halfWritten') return breakage.half(reply, answer);
  return reply.send(answer);
}

/** An answer without the results of its lines. */
export function withoutLines(answer: Answer, exchange: Exchange): Answer {
  const { lines: _, ...body } = answer.body;
  return signedAgain(answer, body, exchange);
}

/** Over the network the connection breaks. */
export const connectionBreaks: Breakage = {
  cut: (reply) => {
    reply.hijack();
    endConnection(reply);
    return reply;
  },
  half: (reply, answer) => {
    const bytes = Buffer.from(JSON.stringify(answer), 'utf8');
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
    reply.raw.write(bytes.subarray(0, bytes.length / 2), () => endConnection(reply));
    return reply;
  },
};

/** The whole connection, with everything else that is under way on it. */
function endConnection(reply: FastifyReply): void {
  (reply.raw as unknown as Http2ServerResponse).stream.session?.destroy();
}

function altered(answer: Answer, fault: FaultKind | undefined, exchange: Exchange): Answer {
  if (fault === 'corrupt') return { ...answer, sender: { ...answer.sender, systemId: 'INTERMEDIARX' } };
  const lines = (answer.body['lines'] ?? []) as InquiryResult[];
  const [first] = lines;
  if (first === undefined) return answer;
  const changed = alteredLines(lines, first, fault);
  return changed === lines ? answer : signedAgain(answer, { ...answer.body, lines: changed }, exchange);
}

/** Lines that the server itself has signed, and that are wrong all the same. */
function alteredLines(
  lines: InquiryResult[],
  first: InquiryResult,
  fault: FaultKind | undefined,
): InquiryResult[] {
  if (fault === 'missingLine') return lines.slice(0, -1);
  if (fault === 'unknownLine') return [...lines, { ...first, lineNo: lines.length + 1 }];
  if (fault === 'unknownStatus') return [{ ...first, lineStatus: '00' }, ...lines.slice(1)];
  return lines;
}

function signedAgain(answer: Answer, body: Readonly<Record<string, unknown>>, { keys }: Exchange): Answer {
  const { protocol: _, digest: __, signature: ___, ...unsigned } = answer;
  return signAnswer({ ...unsigned, body } satisfies UnsignedAnswer, keys.current().privateKey);
}
