import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { missing } from '../receipt/lock.store.js';
import type { ContactEntry } from './contact.js';

/** A case as a contact or a promise needs it. */
export interface CaseStanding {
  readonly id: bigint;
  readonly addresseeNo: string;
  readonly openedOn: IsoDate;
  readonly closed: boolean;
  /** The case is with the collection organization (移管中). */
  readonly locked: boolean;
}

/** A case by its number, or none. */
export async function findCase(tx: Session, caseNo: string): Promise<CaseStanding | undefined> {
  const [row] = await tx.run(
    'case.find',
    ({ raw }) => raw<CaseStanding[]>`
    select c.id, c.addressee_no as "addresseeNo", c.opened_on as "openedOn",
      exists (select from records.case_closing k where k.case_id = c.id) as closed,
      exists (select from records.transfer_standing s where s.case_id = c.id and s.is_locked) as locked
    from records.delinquency_case c where c.case_no = ${caseNo}`,
  );
  return row;
}

/** Writes an entry that `contactEntry` has checked. @returns its number */
export async function insertContact(
  tx: Session,
  { id: caseId, addresseeNo }: CaseStanding,
  entry: ContactEntry,
  recordedBy: string,
  changeId: bigint,
): Promise<bigint> {
  const { contactedAt, method, counterpart, summary, nextActionOn } = entry;
  // The gateway may write these columns alone: what the organization reports is written by jobs.
  const [row] = await tx.run(
    'contact.insert',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.contact_record (case_id, addressee_no, contacted_at, method, counterpart, summary,
      next_action_on, recorded_by, change_id)
    values (${String(caseId)}::bigint, ${addresseeNo}, ${contactedAt}::timestamptz, ${method}, ${counterpart},
      ${summary}, ${nextActionOn}::date, ${recordedBy}, ${String(changeId)}::bigint)
    returning id`,
  );
  return row?.id ?? missing('contact.insert');
}
