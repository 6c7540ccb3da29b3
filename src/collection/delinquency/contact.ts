import { dayInJapan, plainDate, Temporal, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  CONTACT_AHEAD_MS_MAX,
  CONTACT_COUNTERPART_CHARS_MAX,
  CONTACT_SUMMARY_CHARS_MAX,
} from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';

/** 折衝の方法. */
export type ContactMethodWord = 'phone' | 'visit' | 'counter' | 'letter' | 'email' | 'other';

/** 折衝経過: what an officer writes down of a contact. */
export interface ContactEntry {
  /** Instant, ISO with offset. */
  readonly contactedAt: string;
  readonly method: ContactMethodWord;
  readonly counterpart: string;
  readonly summary: string;
  readonly nextActionOn: IsoDate | null;
}

/**
 * Checks an entry and brings its texts into the form they are stored in. It is dated, never after the moment it is
 * written, and never edited: a mistake is corrected by another entry (handbook 03, 折衝経過).
 * @throws KuramoriError BAD_INPUT naming the field
 */
export function contactEntry(entry: ContactEntry, now: Temporal.Instant): ContactEntry {
  const contactedAt = Temporal.Instant.from(entry.contactedAt);
  if (contactedAt.epochMilliseconds > now.epochMilliseconds + CONTACT_AHEAD_MS_MAX) {
    throw new KuramoriError(
      'BAD_INPUT',
      'A contact cannot be recorded before it took place. Correct its time.',
      {
        field: 'contactedAt',
      },
    );
  }
  const nextActionOn = entry.nextActionOn;
  if (
    nextActionOn !== null &&
    Temporal.PlainDate.compare(plainDate(nextActionOn), dayInJapan(contactedAt)) < 0
  ) {
    throw new KuramoriError(
      'BAD_INPUT',
      'The next action lies before the contact. Choose the day of the contact or later.',
      {
        field: 'nextActionOn',
      },
    );
  }
  return {
    contactedAt: contactedAt.toString(),
    method: entry.method,
    counterpart: enteredText(entry.counterpart, 'counterpart', CONTACT_COUNTERPART_CHARS_MAX),
    summary: enteredText(entry.summary, 'summary', CONTACT_SUMMARY_CHARS_MAX),
    nextActionOn,
  };
}

/**
 * 徴収ロック: after acceptance the right to collect is the organization's; the municipality only receives and passes on
 * (handbook 13 §1). A contact that it seeks itself, or plans, would be dunning.
 * @throws KuramoriError CONFLICT naming the field
 */
export function assertNoCollection(contact: {
  readonly cameFromCounterpart?: boolean | null;
  readonly nextActionOn?: IsoDate | null;
}): void {
  if (contact.cameFromCounterpart !== true) {
    throw new KuramoriError(
      'CONFLICT',
      'The case is with the collection organization, which alone collects it. Record only what came from the other ' +
        'side, and pass it on.',
      { field: 'cameFromCounterpart' },
    );
  }
  if (contact.nextActionOn !== null && contact.nextActionOn !== undefined) {
    throw new KuramoriError(
      'CONFLICT',
      'The case is with the collection organization, which alone collects it. Leave the next action to it.',
      { field: 'nextActionOn' },
    );
  }
}
