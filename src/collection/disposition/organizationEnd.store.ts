import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { lockLevies } from '../receipt/lock.store.js';
import type { LastingDisposition, OrganizationEnd } from './organizationEnd.js';

/** A disposition whose lines are locked. */
export interface FoundDisposition extends LastingDisposition {
  readonly addresseeNo: string;
}

/**
 * Locks the lines of a disposition and reads where it stands: whoever decides a write-off of one of them has read its
 * limitation whole, or reads it after this.
 */
export async function lockDisposition(tx: Session, id: bigint): Promise<FoundDisposition | undefined> {
  const claims = await tx.run(
    'organizationEnd.claims',
    ({ raw }) => raw<{ levy_id: bigint }[]>`
    select levy_id from records.disposition_claim where disposition_id = ${String(id)}::bigint`,
  );
  await lockLevies(
    tx,
    claims.map(({ levy_id: levyId }) => levyId),
  );
  const [row] = await tx.run(
    'organizationEnd.find',
    ({ raw }) => raw<FoundDisposition[]>`
    select d.addressee_no as "addresseeNo", d.executed_on as "executedOn",
      d.result_id is not null as "isOfOrganization",
      exists (select from records.transfer_standing s where s.case_id = d.case_id and s.is_locked) as "isLocked",
      exists (select from records.disposition_end e where e.disposition_id = d.id) as "isEnded"
    from records.disposition d where d.id = ${String(id)}::bigint`,
  );
  return row;
}

/**
 * Writes an end that `organizationEnd` allowed.
 * @throws KuramoriError CONFLICT when another was faster
 */
export async function insertEnd(
  tx: Session,
  dispositionId: bigint,
  entry: OrganizationEnd & { readonly enteredBy: string },
  changeId: bigint,
): Promise<void> {
  const [written] = await tx.run(
    'organizationEnd.insert',
    ({ raw }) => raw<{ entered: boolean }[]>`
    select records.enter_organization_end(${String(dispositionId)}::bigint, ${entry.kind}, ${entry.endedOn}::date,
      ${entry.evidence}, ${entry.enteredBy}, ${String(changeId)}::bigint) as entered`,
  );
  if (written?.entered === true) return;
  throw new KuramoriError('CONFLICT', 'The disposition has ended at this moment. Read it again.', {
    field: 'dispositionId',
  });
}
