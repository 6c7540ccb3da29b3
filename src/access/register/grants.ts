import type { Session } from '../../kernel/database/database.js';
import { plainDate, Temporal, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { onlyRow } from '../row.js';
import { dayOf, recordChange, recordStaffEvent, type RegisterChange } from './change.js';
import { findGrant, functionsOfRole, rolesOfPerson } from './grants.store.js';
import { assertRoleExists } from './roles.store.js';
import { assertCompatible } from './separation.js';
import { changeableAccount } from './staff.js';

/** A role on dated days, both inclusive. */
export interface NewGrant {
  readonly role: string;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | undefined;
}

/**
 * Gives a role for the unit the person is posted to on the first day. Nobody gives to himself, roles that must be
 * separate are refused over all accounts of the person (handbook 15 §2), nothing starts in the past.
 * @returns the id of the grant
 * @throws KuramoriError NOT_FOUND, CONFLICT, BAD_INPUT, DUAL_CONTROL_REQUIRED
 */
export async function grantRole(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  grant: NewGrant,
): Promise<bigint> {
  const account = await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
  assertGrantPeriod(grant, dayOf(change));
  await assertRoleExists(tx, grant.role);
  const held = await rolesOfPerson(tx, account.personId, grant.validFrom, grant.validTo);
  assertCompatible([...held, await functionsOfRole(tx, grant.role)]);
  const department = await unitOn(tx, staffId, grant.validFrom);
  const changeId = await recordChange(tx, change, 'role.grant');
  const rows = await tx.run(
    'access.grant.insert',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into access.role_grant (staff_id, role, department, valid_from, valid_to, change_id)
    values (${staffId}, ${grant.role}, ${department}, ${grant.validFrom}, ${grant.validTo ?? null}, ${String(changeId)})
    returning id`,
  );
  await recordStaffEvent(tx, staffId, 'roleGranted', change.reason, changeId);
  return onlyRow(rows).id;
}

/**
 * Takes a role back, from a day on (today: at once).
 * @param effectiveOn first day without the role; not before the day of the change
 */
export async function revokeRole(
  tx: Session,
  change: RegisterChange,
  grantId: bigint,
  effectiveOn: IsoDate,
): Promise<void> {
  const grant = await findGrant(tx, grantId);
  if (grant === undefined) throw new KuramoriError('NOT_FOUND', 'There is no such grant. Check its number.');
  await changeableAccount(tx, change, grant.staffId, ['pending', 'active', 'suspended']);
  if (Temporal.PlainDate.compare(plainDate(effectiveOn), plainDate(dayOf(change))) < 0) {
    throw new KuramoriError('BAD_INPUT', 'A role cannot be taken back in the past. Choose today or later.');
  }
  const now = await findGrant(tx, grantId);
  if (now?.revokedOn !== undefined && now.revokedOn <= effectiveOn) {
    throw new KuramoriError('CONFLICT', 'The role is already taken back by that day.');
  }
  const changeId = await recordChange(tx, change, 'role.revoke');
  await tx.run(
    'access.grant.revoke',
    ({ raw }) => raw`
    insert into access.role_grant_revocation (grant_id, effective_on, reason, change_id)
    values (${String(grantId)}, ${effectiveOn}, ${change.reason}, ${String(changeId)})`,
  );
  await recordStaffEvent(tx, grant.staffId, 'roleRevoked', change.reason, changeId);
}

/** @throws KuramoriError BAD_INPUT for a role of the past, or whose days are the wrong way round */
export function assertGrantPeriod(grant: NewGrant, today: IsoDate): void {
  const from = plainDate(grant.validFrom);
  if (Temporal.PlainDate.compare(from, plainDate(today)) < 0) {
    throw new KuramoriError(
      'BAD_INPUT',
      'A role cannot be given for the past. Choose today or later as first day.',
    );
  }
  if (grant.validTo !== undefined && Temporal.PlainDate.compare(plainDate(grant.validTo), from) < 0) {
    throw new KuramoriError(
      'BAD_INPUT',
      'The last day of the role lies before its first day. Correct one of them.',
    );
  }
}

/** Unit a person is posted to on a day. @throws KuramoriError CONFLICT when there is none */
export async function unitOn(tx: Session, staffId: string, day: IsoDate): Promise<string> {
  const [unit] = await tx.run(
    'access.posting.on',
    ({ raw }) => raw<{ department: string }[]>`
    select department from access.units_in_force(${staffId}, ${day}) where is_current`,
  );
  if (unit === undefined) {
    throw new KuramoriError(
      'CONFLICT',
      'The person is not posted to a department on that day. Choose a later first day.',
    );
  }
  return unit.department;
}
