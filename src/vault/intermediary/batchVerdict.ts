import { ANSWER_BODIES, type Answer } from '../../protocol/intermediary/answer.js';
import { reconcileFault, type ReconcileFault } from '../../protocol/intermediary/reconcile.js';
import type { PushReason, PushState } from '../../protocol/push.js';
import type { BatchEnvelope } from './intermediary.js';
import { refusalOf, stopped, verdictOfLine, type Verdict } from './verdict.js';

/** What an answer means for a batch: it waits, is sent again, is asked about, or has come to its end. */
export interface BatchStanding {
  readonly state: (PushState & ('PENDING' | 'RETRY_WAIT' | 'INDETERMINATE')) | 'ANSWERED';
  readonly reason: PushReason;
}

const concluded: BatchStanding = { state: 'ANSWERED', reason: 'OK' };
const waiting: BatchStanding = { state: 'PENDING', reason: 'WAITING' };

/**
 * Reads how far a batch is, by an answer whose signature holds. Pure.
 * @param isKnown the other side was asked about it, and so has it
 * @param withResults its results were asked for
 */
export function batchStandingOf(
  answer: Answer,
  { isKnown, withResults }: { readonly isKnown: boolean; readonly withResults: boolean },
): BatchStanding {
  if (answer.kind !== 'inquiry.batch') return concluded;
  switch (answer.status) {
    case 'ACCEPTED':
    case 'PENDING':
      return waiting;
    case 'RETRYABLE':
      return isKnown ? waiting : { state: 'RETRY_WAIT', reason: 'OUTAGE' };
    case 'INDETERMINATE':
      return { state: 'INDETERMINATE', reason: 'NO_ANSWER' };
    case 'REFUSED':
      return refusalOf(answer).state === 'RETRY_WAIT'
        ? { state: 'RETRY_WAIT', reason: 'NOT_RECEIVED' }
        : concluded;
    case 'DONE':
    case 'PARTIAL':
      return withResults ? concluded : waiting;
  }
}

/** Whether the results of a batch can be asked for. */
export function hasResults({ kind, status }: Answer): boolean {
  return kind === 'inquiry.batch' && (status === 'DONE' || status === 'PARTIAL');
}

/** What each line of a batch came to; with `fault`, why none of them is believed. */
export interface BatchResult {
  readonly fault?: ReconcileFault;
  /** Of the batch as a whole, where its lines were not looked at. */
  readonly whole?: Verdict;
  readonly of: (lineNo: number) => Verdict;
}

const quarantined: Verdict = { state: 'FAILED', reason: 'QUARANTINED' };

/**
 * Reads the results of a batch against what was asked, line by line (handbook 12 §4). Pure. One line that is missing,
 * unknown, there twice, of another record, or that says another thing than its statuses sets all of them aside.
 */
export function batchResultOf(asked: BatchEnvelope, answer: Answer): BatchResult {
  if (answer.kind !== asked.kind) return wholeResult(stopped);
  if (answer.status === 'REFUSED') return wholeResult(refusalOf(answer));
  const read = ANSWER_BODIES['inquiry.batch'].safeParse(answer.body);
  if (!read.success) return wholeResult(stopped);
  const { batchId, count, lines = [] } = read.data;
  const { messageId, body } = asked;
  const isOther = batchId !== messageId || count !== body.lines.length;
  const fault = reconcileFault(body.lines, lines) ?? (isOther ? 'WRONG_LINE' : undefined);
  if (fault !== undefined) return { fault, of: () => quarantined };
  const results = new Map(lines.map((result) => [result.lineNo, verdictOfLine(result)]));
  return { of: (lineNo) => results.get(lineNo) ?? stopped };
}

/** A batch of whose lines nothing is told but what holds for all. */
export function wholeResult(whole: Verdict): BatchResult {
  return { whole, of: () => whole };
}
