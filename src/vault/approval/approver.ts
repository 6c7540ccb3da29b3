import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { VaultRefusal } from '../refusal.js';
import { unitOn, type Person } from '../staff/person.js';
import { lockPerson, personNotFound, requirePerson } from '../staff/staff.store.js';
import type { Approval, ApprovalKind } from './approval.js';

/**
 * Who decides, as the register is now. Lock the person before the request, as a withdrawal does: one that comes first
 * is seen, one that comes later voids what was given.
 * @throws KuramoriError ACCOUNT_REVOKED when the person was withdrawn in this moment
 */
export async function lockApprover(tx: Session, personId: string): Promise<Person> {
  const person = (await lockPerson(tx, personId)) ?? personNotFound();
  if (person.revokedAt !== undefined) throw new VaultRefusal('person-revoked');
  return person;
}

/** What the audit officer alone approves, beside another. */
const AUDITED: ReadonlySet<ApprovalKind> = new Set<ApprovalKind>([
  'packageAudit',
  'provisionAudit',
  'breakGlassReview',
]);

/**
 * The approver holds an approving role for the requester's unit or above (handbook 15 §6.3): its officer, or the chief
 * officer; of what concerns the audit officer alone (監査責任者), he is that one; and acts for the purpose of the request.
 * That it is another person, the rules of the request itself see to.
 * @param acting person, and purpose of the assertion and its step-up
 * @throws KuramoriError FORBIDDEN_PURPOSE
 */
export async function assertMayDecide(
  tx: Session,
  { kind, requested, summary }: Approval,
  acting: { readonly person: Person; readonly purpose: string },
  day: IsoDate,
): Promise<void> {
  const { person, purpose } = acting;
  if (summary.purpose !== purpose) throw new VaultRefusal('approval-purpose');
  if (AUDITED.has(kind)) {
    if (person.role !== 'auditOfficer') throw new VaultRefusal('role');
    return;
  }
  if (person.role === 'chiefOfficer') return;
  const requester = await requirePerson(tx, requested.by);
  const unit = unitOn(requester, day) ?? requester.unit;
  if (person.role !== 'unitOfficer' || unitOn(person, day) !== unit) throw new VaultRefusal('role');
}
