import { RECEIPT_DAY_MIN, REASON_CHARS_MAX } from '../../kernel/limits.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { enteredText } from '../../kernel/text.js';

/** 機構の処分の終了, as a clerk enters it from a notice (解除通知書) of the organization. */
export interface OrganizationEnd {
  readonly kind: 'released' | 'cancelled' | 'completed';
  readonly endedOn: IsoDate;
  /** The notice that tells of it: its number and day. */
  readonly evidence: string;
}

/** A disposition as its end sees it. */
export interface LastingDisposition {
  readonly isOfOrganization: boolean;
  /** The organization collects the case now: it reports by itself. */
  readonly isLocked: boolean;
  readonly isEnded: boolean;
  readonly executedOn: IsoDate;
}

/**
 * Whether the end of a disposition of the collection organization may be entered here: once, and where the organization
 * has the case no more, so that no result of it tells (handbook 13 §7, 03 §7).
 * @returns the entry as it is kept
 * @throws KuramoriError CONFLICT, BAD_INPUT naming the field
 */
export function organizationEnd(
  entry: OrganizationEnd,
  { isOfOrganization, isLocked, isEnded, executedOn }: LastingDisposition,
  today: IsoDate,
): OrganizationEnd {
  if (!isOfOrganization)
    throw conflict(
      'The disposition is one of the municipality. Only those of the organization are ended here.',
    );
  if (isLocked)
    throw conflict('The organization has the case and reports the end by itself. Wait for its result.');
  if (isEnded) throw conflict('The disposition has ended already. Read it again.');
  plainDate(entry.endedOn);
  if (entry.endedOn < RECEIPT_DAY_MIN || entry.endedOn > today)
    throw bad('endedOn', 'The day has not come yet, or lies too far back. Correct it.');
  if (entry.endedOn < executedOn)
    throw bad('endedOn', 'The disposition would end before it was made. Correct the day.');
  return { ...entry, evidence: enteredText(entry.evidence, 'evidence', REASON_CHARS_MAX) };
}

function bad(field: string, sentence: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', sentence, { field });
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence, { field: 'dispositionId' });
}
