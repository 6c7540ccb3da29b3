import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '../../../protocol/intermediary/message.js';
import type { InquiryResult } from '../../../protocol/intermediary/answer.js';
import type { MessageStatus } from '../../../protocol/intermediary/status.js';
import { MESSAGES, messagesOf, type Body, type KeptMessage } from '../body.js';
import type { Exchange } from '../exchange.js';
import { OUTAGE } from '../network.js';
import { worked, type Worked } from './answers.js';
import { deleteCopies, registerCopies } from './copies.js';
import { decideProvision } from './decide.js';
import { inquire, linesOf } from './inquire.js';
import { query } from './query.js';

/**
 * Handles a message that was received, or goes on where a crash, an outage or a person who has not decided yet left it:
 * each step meets what it left before. The answer is committed together with what it tells.
 * @returns the message with its answer; without one while a provider is out of reach
 */
export async function complete(exchange: Exchange, body: Body, messageId: string): Promise<KeptMessage> {
  const kept = messagesOf(body).get(messageId)!;
  const { envelope, answer } = kept;
  if (envelope === undefined || (answer !== undefined && !isWaiting(kept))) return kept;
  const done = await work(exchange, body, envelope, answer?.body);
  if (done === OUTAGE) return kept;
  const { changes, ...rest } = done;
  // Asked again while a person has not decided yet.
  if (answer !== undefined && isDeepStrictEqual(answer.body, rest.body)) return kept;
  const finished: KeptMessage = { ...kept, answer: { ...rest, sentAt: exchange.clock.now().toString() } };
  await body.store.commit([[MESSAGES, messageId, finished], ...changes]);
  return finished;
}

/** Lines of it wait for a person. */
function isWaiting({ answer }: KeptMessage): boolean {
  return resultsOf(answer?.body).some(({ outcome }) => outcome === 'MANUAL_PENDING');
}

async function work(
  exchange: Exchange,
  body: Body,
  envelope: Envelope,
  former: Readonly<Record<string, unknown>> | undefined,
): Promise<Worked | typeof OUTAGE> {
  switch (envelope.kind) {
    case 'code.acquire': {
      const { unifiedAddresseeNo } = envelope.body;
      const acquisitionNo = await exchange.network.acquireCode(body.bodyCode, unifiedAddresseeNo);
      const isThere = exchange.network.codeState(body.bodyCode, unifiedAddresseeNo) === 'ACQUIRED';
      return worked<'code.acquire'>('DONE', { acquisitionNo, state: isThere ? 'ACQUIRED' : 'REQUESTED' });
    }
    case 'inquiry':
    case 'inquiry.batch':
      return workInquiry(exchange, body, envelope, resultsOf(former));
    case 'copy.register':
      return registerCopies(body, envelope);
    case 'copy.delete':
      return deleteCopies(body, envelope);
    case 'provision.decide':
      return decideProvision(exchange, body, envelope);
    case 'query':
      return query(exchange, body, envelope);
  }
}

async function workInquiry(
  exchange: Exchange,
  body: Body,
  envelope: Extract<Envelope, { kind: 'inquiry' | 'inquiry.batch' }>,
  former: readonly InquiryResult[],
): Promise<Worked | typeof OUTAGE> {
  // A result that was told stays, whatever the list or a 符号 says by now.
  const final = new Map(
    former.filter(({ outcome }) => outcome !== 'MANUAL_PENDING').map((result) => [result.lineNo, result]),
  );
  const lines = linesOf(envelope);
  const open = lines.filter(({ lineNo }) => !final.has(lineNo));
  const answered = await inquire(exchange, body, envelope, open);
  if (answered === OUTAGE) return OUTAGE;
  const fresh = new Map(answered.results.map((result) => [result.lineNo, result]));
  const results = lines.flatMap(({ lineNo }) => final.get(lineNo) ?? fresh.get(lineNo) ?? []);
  const [first] = results;
  if (envelope.kind === 'inquiry' && first !== undefined) {
    const status = first.outcome === 'MANUAL_PENDING' ? 'PENDING' : 'DONE';
    return worked<'inquiry'>(status, first, answered.changes);
  }
  const batch = { batchId: envelope.messageId, count: lines.length, lines: results };
  return worked<'inquiry.batch'>(batchStatus(results), batch, answered.changes);
}

/** PARTIAL: look at each line, for not every one came to data or to their absence. */
function batchStatus(results: readonly InquiryResult[]): MessageStatus {
  return results.every(({ outcome }) => outcome === 'OK' || outcome === 'NO_DATA') ? 'DONE' : 'PARTIAL';
}

function resultsOf(body: Readonly<Record<string, unknown>> | undefined): readonly InquiryResult[] {
  if (body === undefined) return [];
  return (body['lines'] ?? ('outcome' in body ? [body] : [])) as readonly InquiryResult[];
}
