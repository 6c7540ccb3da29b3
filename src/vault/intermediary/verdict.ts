import type { PushReason, PushState } from '../../protocol/push.js';
import {
  ANSWER_BODIES,
  inquiryResultForm,
  type Answer,
  type InquiryResult,
  type Reason,
} from '../../protocol/intermediary/answer.js';
import { reconcileFault } from '../../protocol/intermediary/reconcile.js';
import type { Outcome } from '../../protocol/intermediary/status.js';
import type { SentEnvelope } from './intermediary.js';

/** What an answer means for the push. */
export interface Verdict {
  readonly state: PushState;
  readonly reason: PushReason;
  /** Of an inquiry that the server has carried out, whatever came of it. */
  readonly result?: InquiryResult;
}

/** What is not understood. */
export const stopped: Verdict = { state: 'FAILED', reason: 'SYSTEM_ERROR' };
const notPermitted: Verdict = { state: 'REFUSED', reason: 'NOT_PERMITTED' };

/** Why a message as such was refused. What is not named here stops the push (handbook 12 §4: no default to well). */
const REFUSED: Partial<Readonly<Record<Reason, Verdict>>> = {
  INQUIRY_NOT_PERMITTED: notPermitted,
  CONSENT_REQUIRED: notPermitted,
  STAFF_UNKNOWN: notPermitted,
  STAFF_ENDED: notPermitted,
  STAFF_WITHOUT_RIGHT: notPermitted,
  STEP_UP_REQUIRED: notPermitted,
  CODE_NOT_ACQUIRED: { state: 'REFUSED', reason: 'CODE_NOT_ACQUIRED' },
  DUPLICATE_RECORD: { state: 'FAILED', reason: 'DUPLICATE_RECORD' },
  FORMAT_ERROR: { state: 'FAILED', reason: 'FORMAT_ERROR' },
  LAYOUT_UNKNOWN: { state: 'FAILED', reason: 'FORMAT_ERROR' },
  RESULT_EXPIRED: { state: 'FAILED', reason: 'UNRESOLVED' },
  // Refused before it was looked at, so that it may be sent again with a time of its own.
  SENT_AT_OUT_OF_WINDOW: { state: 'RETRY_WAIT', reason: 'NOT_RECEIVED' },
};

const OUTCOMES: Readonly<Record<Outcome, Verdict>> = {
  OK: { state: 'DONE', reason: 'OK' },
  NO_DATA: { state: 'DONE', reason: 'NO_DATA' },
  CODE_NOT_ACQUIRED: { state: 'REFUSED', reason: 'CODE_NOT_ACQUIRED' },
  NOT_PERMITTED: notPermitted,
  PROVIDER_REFUSED: { state: 'REFUSED', reason: 'PROVIDER_REFUSED' },
  MANUAL_PENDING: { state: 'PENDING', reason: 'MANUAL_PENDING' },
  DUPLICATE_RECORD: { state: 'FAILED', reason: 'DUPLICATE_RECORD' },
  FORMAT_ERROR: { state: 'FAILED', reason: 'FORMAT_ERROR' },
  SYSTEM_ERROR: stopped,
};

/**
 * Reads an answer whose signature holds against what was asked. Pure. An unknown status, a result of another record, or
 * items that were not asked for stop the push: nothing is taken for well because it was not understood.
 */
export function verdictOf(asked: SentEnvelope, answer: Answer): Verdict {
  if (answer.kind !== asked.kind) return stopped;
  if (asked.kind === 'query') return ofQuestion(answer);
  switch (answer.status) {
    case 'RETRYABLE':
      return { state: 'RETRY_WAIT', reason: 'OUTAGE' };
    case 'INDETERMINATE':
      return { state: 'INDETERMINATE', reason: 'NO_ANSWER' };
    case 'REFUSED':
      return refusalOf(answer);
    case 'ACCEPTED':
    case 'PENDING':
      return waiting(asked, answer);
    case 'DONE':
      return asked.kind === 'inquiry' ? ofInquiry(asked, answer.body) : ofAcquisition(answer.body);
    // Of a batch alone.
    case 'PARTIAL':
      return stopped;
  }
}

/** Why a message as such was refused. */
export function refusalOf({ reason }: Answer): Verdict {
  return (reason && REFUSED[reason]) ?? stopped;
}

/** What one line of an inquiry came to. */
export function verdictOfLine(result: InquiryResult): Verdict {
  return { ...OUTCOMES[result.outcome], result };
}

function waiting(asked: Exclude<SentEnvelope, { kind: 'query' }>, answer: Answer): Verdict {
  if (asked.kind === 'code.acquire') return { state: 'PENDING', reason: 'WAITING' };
  // What came with it says which permission it waits under.
  const verdict = ofInquiry(asked, answer.body);
  return verdict.state === 'PENDING' ? verdict : { state: 'PENDING', reason: 'MANUAL_PENDING' };
}

const CODE_STATES: Readonly<Record<string, Verdict>> = {
  ACQUIRED: { state: 'DONE', reason: 'OK' },
  // Another number of the person has taken its place meanwhile.
  ENDED: { state: 'REFUSED', reason: 'CODE_NOT_ACQUIRED' },
  NOT_REQUESTED: { state: 'FAILED', reason: 'UNRESOLVED' },
};

/** A question that is refused or not understood decides nothing about what it is asked about. */
function ofQuestion({ status, body }: Answer): Verdict {
  const read = ANSWER_BODIES.query.safeParse(body);
  const state =
    status === 'DONE' && read.success && read.data.ask === 'codeStatus' ? read.data.state : 'REQUESTED';
  return CODE_STATES[state] ?? { state: 'PENDING', reason: 'WAITING' };
}

function ofAcquisition(body: unknown): Verdict {
  const read = ANSWER_BODIES['code.acquire'].safeParse(body);
  if (!read.success) return stopped;
  return read.data.state === 'ACQUIRED'
    ? { state: 'DONE', reason: 'OK' }
    : { state: 'PENDING', reason: 'WAITING' };
}

function ofInquiry(asked: Extract<SentEnvelope, { kind: 'inquiry' }>, body: unknown): Verdict {
  const read = inquiryResultForm.safeParse(body);
  if (!read.success || reconcileFault([asked.body], [read.data]) !== undefined) return stopped;
  return verdictOfLine(read.data);
}
