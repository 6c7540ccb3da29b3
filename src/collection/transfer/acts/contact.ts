import { withoutNumbers } from '../../../kernel/suspectedNumber.js';
import { Temporal } from '../../../kernel/dates.js';
import { CONTACT_AHEAD_MS_MAX } from '../../../kernel/limits.js';
import { CONTACTS_FILE, type ResultRow } from '../../../protocol/transfer/result.js';
import type { ContactMethodWord } from '../../delinquency/contact.js';
import { rejectedRow } from '../rejected.js';
import type { ReportedStanding } from './standing.js';

type Row = ResultRow[typeof CONTACTS_FILE];

/** 機構の折衝経過 of a case. */
export interface OrganizationContact {
  readonly caseId: bigint;
  readonly addresseeNo: string;
  /** Instant, ISO. */
  readonly contactedAt: string;
  readonly method: ContactMethodWord;
  readonly counterpart: string;
  readonly summary: string;
}

const METHODS: Readonly<Record<Row['channel'], ContactMethodWord>> = {
  PHONE: 'phone',
  VISIT: 'visit',
  COUNTER: 'counter',
  LETTER: 'letter',
  EMAIL: 'email',
  OTHER: 'other',
};

/**
 * Puts the contacts of a result to their cases (handbook 13 §7). What may be an individual number is hidden, for the
 * records hold none; the file as it came stays in the vault. The layout bounds the texts.
 * @throws KuramoriError FILE_REJECTED, with file and row, for a case that the organization does not have, or a time to
 *   come
 */
export function placeContacts(
  rows: readonly Row[],
  { cases }: ReportedStanding,
  now: Temporal.Instant,
): OrganizationContact[] {
  const latest = now.add({ milliseconds: CONTACT_AHEAD_MS_MAX });
  return rows.map(({ caseNo, at: time, channel, counterpart, summary }, at) => {
    const of = cases.get(caseNo);
    if (of === undefined) throw rejectedRow(CONTACTS_FILE, at + 1, 'unknownCase');
    const contactedAt = Temporal.Instant.from(time);
    if (Temporal.Instant.compare(contactedAt, latest) > 0)
      throw rejectedRow(CONTACTS_FILE, at + 1, 'futureTime');
    const { caseId, addresseeNo } = of;
    const entry = { caseId, addresseeNo, contactedAt: contactedAt.toString(), method: METHODS[channel] };
    const text = (cell: string) => withoutNumbers(cell.normalize('NFC'));
    return { ...entry, counterpart: text(counterpart), summary: text(summary) };
  });
}
