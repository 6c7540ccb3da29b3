import type { InquiryResult } from './answer.js';
import type { InquiryBody } from './message.js';
import { outcomeOf } from './status.js';

/** Why the results of a batch cannot be believed. The whole batch is set aside then (handbook 12 §4). */
export type ReconcileFault =
  | 'UNKNOWN_LINE'
  | 'MISSING_LINE'
  | 'LINE_TWICE'
  | 'WRONG_LINE'
  | 'OUTCOME_DIFFERS';

/**
 * Compares the results of an inquiry or a batch with what was asked, line by line. The order does not matter; each
 * result must be of the record and the information name that were asked for, and say what its statuses come to.
 * @returns nothing when each line has its result
 */
export function reconcileFault(
  asked: readonly InquiryBody[],
  results: readonly InquiryResult[],
): ReconcileFault | undefined {
  const open = new Map(asked.map((line) => [line.lineNo, line]));
  const known = new Set(open.keys());
  for (const result of results) {
    const line = open.get(result.lineNo);
    if (line === undefined) return known.has(result.lineNo) ? 'LINE_TWICE' : 'UNKNOWN_LINE';
    if (!isAnswerTo(line, result)) return 'WRONG_LINE';
    if (outcomeOf(result.lineStatus, result.names) !== result.outcome) return 'OUTCOME_DIFFERS';
    open.delete(result.lineNo);
  }
  return open.size > 0 ? 'MISSING_LINE' : undefined;
}

function isAnswerTo(line: InquiryBody, result: InquiryResult): boolean {
  return (
    result.recordId === line.recordId &&
    result.names.every(({ informationNameCode, items }) => {
      const wasAsked = (item: string) => line.itemCodes?.includes(item) ?? true;
      return informationNameCode === line.informationNameCode && Object.keys(items).every(wasAsked);
    })
  );
}
