import { ANSWER_BODIES, type Answer } from '../../protocol/intermediary/answer.js';
import type { ProvisionAnswer, ProvisionState } from '../../protocol/provision.js';
import type { Given } from './compose.js';

/** What an answer means for a message by which something is given. */
export interface ProvisionVerdict {
  readonly state: ProvisionState & ('DONE' | 'REFUSED' | 'FAILED' | 'RETRY_WAIT' | 'INDETERMINATE');
  readonly reason: string;
  readonly copies?: NonNullable<ProvisionAnswer['copies']>;
}

const stopped: ProvisionVerdict = { state: 'FAILED', reason: 'SYSTEM_ERROR' };

/**
 * Reads an answer whose signature holds against what was sent. Pure. An answer of another kind or form, or one that
 * speaks of other copies, stops the message: nothing is taken for well because it was not understood.
 */
export function provisionVerdictOf(asked: Given, answer: Answer): ProvisionVerdict {
  if (answer.kind !== asked.kind) return stopped;
  const { status, reason } = answer;
  if (status === 'RETRYABLE') return { state: 'RETRY_WAIT', reason: 'OUTAGE' };
  if (status === 'INDETERMINATE') return { state: 'INDETERMINATE', reason: 'NO_ANSWER' };
  // Refused before it was looked at, so that it may be sent again with a time of its own.
  if (status === 'REFUSED' && reason === 'SENT_AT_OUT_OF_WINDOW')
    return { state: 'RETRY_WAIT', reason: 'NOT_RECEIVED' };
  if (status === 'REFUSED') return reason === undefined ? stopped : { state: 'REFUSED', reason };
  const isDone = status === 'DONE' || (status === 'PARTIAL' && asked.kind !== 'provision.decide');
  return isDone ? doneVerdict(asked, answer.body) : stopped;
}

function doneVerdict(asked: Given, body: unknown): ProvisionVerdict {
  if (asked.kind === 'provision.decide') {
    const read = ANSWER_BODIES['provision.decide'].safeParse(body);
    const { provisionId, decision } = asked.body;
    const isOurs = read.success && read.data.provisionId === provisionId && read.data.decision === decision;
    return isOurs ? { state: 'DONE', reason: decision } : stopped;
  }
  const read = ANSWER_BODIES[asked.kind].safeParse(body);
  const wanted =
    asked.kind === 'copy.register' ? asked.body.copies.map(({ recordId }) => recordId) : asked.body.recordIds;
  if (!read.success || read.data.copies.map(({ recordId }) => recordId).join() !== wanted.join())
    return stopped;
  const { copies } = read.data;
  const isWell = copies.every(({ result }) => result === 'REGISTERED' || result === 'DELETED');
  return { state: 'DONE', reason: isWell ? 'OK' : 'PARTIAL', copies };
}
