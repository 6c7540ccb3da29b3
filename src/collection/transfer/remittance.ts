import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX, RECEIPT_DAY_MIN, RECEIPT_YEN_MAX } from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';
import type { Yen } from '../../kernel/yen.js';

/** 機構からの払込: money that came for a result. */
export interface Remittance {
  /** The vault's number of the result package. */
  readonly resultId: string;
  /** 収入日. */
  readonly receivedOn: IsoDate;
  /** Negative to correct one that was entered wrongly. */
  readonly amount: Yen;
  readonly reference: string;
}

const RESULT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Checks what a person entered.
 * @throws KuramoriError BAD_INPUT naming the field
 */
export function remittance(entry: Remittance, today: IsoDate): Remittance {
  const bad = (field: string, sentence: string) => new KuramoriError('BAD_INPUT', sentence, { field });
  if (!RESULT_ID.test(entry.resultId)) throw bad('resultId', 'The result is not named by its number.');
  plainDate(entry.receivedOn);
  if (entry.receivedOn < RECEIPT_DAY_MIN || entry.receivedOn > today)
    throw bad('receivedOn', `Money is received between ${RECEIPT_DAY_MIN} and today. Correct the day.`);
  if (entry.amount === 0n || entry.amount > RECEIPT_YEN_MAX || entry.amount < -RECEIPT_YEN_MAX)
    throw bad('amount', `An amount is not 0 and at most ${RECEIPT_YEN_MAX} yen. Correct it.`);
  return { ...entry, reference: enteredText(entry.reference, 'reference', REASON_CHARS_MAX) };
}
