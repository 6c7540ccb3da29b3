import { createHash, randomBytes } from 'node:crypto';
import { Temporal, type IsoDate } from '../../kernel/dates.js';
import { plainDate } from '../../kernel/dates.js';
import { violates } from '../../kernel/database/errors.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { assertNoNumber } from '../../kernel/suspectedNumber.js';
import { ENROLMENT_HOURS_MAX, HANDOVER_DAYS_MAX } from '../../kernel/limits.js';
import { noteUnlocked } from '../signin/attempts.store.js';
import { dayOf, recordChange, recordStaffEvent, type RegisterChange } from './change.js';
import { revokeGrantsOf } from './grants.store.js';
import {
  accountNamed,
  endCredentialsOf,
  endSessionsOf,
  findAccount,
  lockPerson,
  setState,
  type StaffAccount,
} from './staff.store.js';

/** What is known of a new account. */
export interface NewStaff {
  readonly staffId: string;
  readonly personId: string;
  readonly name: string;
  readonly kana: string;
  readonly department: string;
  readonly employmentFrom: IsoDate;
  readonly employmentTo: IsoDate | undefined;
}

/** A code that is handed to the person on paper, once; only its digest is kept. */
export interface EnrolmentCode {
  readonly enrolmentCode: string;
}

const STAFF_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const ENROLMENT_CODE_BYTES = 16;

/**
 * Opens an account. It is `pending` until its person has set password and second factor with the code.
 * @throws KuramoriError CONFLICT when the id was ever used, BAD_INPUT, NOT_FOUND for an unknown department
 */
export async function createStaff(
  tx: Session,
  change: RegisterChange,
  staff: NewStaff,
): Promise<EnrolmentCode> {
  if (!STAFF_ID.test(staff.staffId)) {
    throw new KuramoriError('BAD_INPUT', 'A staff id has 1 to 32 letters, digits, hyphens or underscores.', {
      field: 'staffId',
    });
  }
  for (const field of ['staffId', 'personId', 'name', 'kana'] as const) assertNoNumber(staff[field], field);
  assertPeriod(staff.employmentFrom, staff.employmentTo);
  await assertNotSelf(tx, change, staff.personId);
  if (await findAccount(tx, staff.staffId)) {
    throw new KuramoriError(
      'CONFLICT',
      'The staff id is or was in use and is never used again. Choose another.',
    );
  }
  const changeId = await recordChange(tx, change, 'staff.create');
  await tx.run(
    'access.staff.insert',
    ({ raw }) => raw`
    insert into access.staff (staff_id, person_id, name, kana, state, employment_from, employment_to, change_id)
    values (${staff.staffId}, ${staff.personId}, ${staff.name}, ${staff.kana}, 'pending', ${staff.employmentFrom},
      ${staff.employmentTo ?? null}, ${String(changeId)})`,
  );
  await insertPosting(tx, staff.staffId, staff.department, staff.employmentFrom, undefined, changeId);
  await recordStaffEvent(tx, staff.staffId, 'created', change.reason, changeId);
  return issueEnrolment(tx, change, staff.staffId, changeId);
}

/** Suspends an account; its sessions end at once. @throws KuramoriError NOT_FOUND, CONFLICT, DUAL_CONTROL_REQUIRED */
export async function suspendStaff(tx: Session, change: RegisterChange, staffId: string): Promise<void> {
  await changeableAccount(tx, change, staffId, ['pending', 'active']);
  const changeId = await recordChange(tx, change, 'staff.suspend');
  await setState(tx, staffId, 'suspended');
  await endSessionsOf(tx, staffId, change.at.toString(), 'suspended');
  await recordStaffEvent(tx, staffId, 'suspended', change.reason, changeId);
}

/**
 * Ends a suspension, also the one after ten failures: the count of failures starts anew. Without a password the
 * account waits for its enrolment.
 */
export async function reactivateStaff(tx: Session, change: RegisterChange, staffId: string): Promise<void> {
  await changeableAccount(tx, change, staffId, ['suspended']);
  const changeId = await recordChange(tx, change, 'staff.reactivate');
  const held = await tx.run(
    'access.credential.has',
    ({ raw }) => raw`
    select from access.credential where staff_id = ${staffId} and kind = 'password' and state = 'active'`,
  );
  await setState(tx, staffId, held.length > 0 ? 'active' : 'pending');
  await noteUnlocked(tx, staffId, change.at.toString());
  await recordStaffEvent(tx, staffId, 'reactivated', change.reason, changeId);
}

/**
 * Withdraws an account for good, at once (`revokeNow`, handbook 15 §6.2): sessions, credentials, enrolments and grants
 * are dead when the transaction commits.
 */
export async function revokeStaff(tx: Session, change: RegisterChange, staffId: string): Promise<void> {
  await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
  const changeId = await recordChange(tx, change, 'staff.revoke');
  await setState(tx, staffId, 'revoked');
  await endSessionsOf(tx, staffId, change.at.toString(), 'revoked');
  await endCredentialsOf(tx, staffId, change.at.toString());
  await revokeGrantsOf(tx, staffId, dayOf(change), change.reason, changeId);
  await recordStaffEvent(tx, staffId, 'revoked', change.reason, changeId);
}

/**
 * Moves a person to another unit from a day on. Every grant of the former unit ends the day before, or with the last
 * day of an approved handover of at most 14 days.
 * @param move `validFrom` first day in the new unit; `handoverTo` last day of the handover
 */
export async function moveDepartment(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  move: {
    readonly department: string;
    readonly validFrom: IsoDate;
    readonly handoverTo: IsoDate | undefined;
  },
): Promise<void> {
  await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
  assertHandover(move.validFrom, move.handoverTo);
  const changeId = await recordChange(tx, change, 'staff.move');
  await insertPosting(tx, staffId, move.department, move.validFrom, move.handoverTo, changeId);
  const ends = plainDate(move.handoverTo ?? plainDate(move.validFrom).subtract({ days: 1 }).toString()).add({
    days: 1,
  });
  await revokeGrantsOf(tx, staffId, ends.toString(), change.reason, changeId, move.department);
  await recordStaffEvent(tx, staffId, 'moved', change.reason, changeId);
}

/** Sets the last day of employment, inclusive; the account is refused from 24:00 JST of it. No job is needed. */
export async function setEmploymentEnd(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  employmentTo: IsoDate | undefined,
): Promise<void> {
  const account = await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
  assertPeriod(account.employmentFrom, employmentTo);
  const changeId = await recordChange(tx, change, 'staff.employment');
  await tx.run(
    'access.staff.employment',
    ({ raw }) => raw`
    update access.staff set employment_to = ${employmentTo ?? null} where staff_id = ${staffId}`,
  );
  await recordStaffEvent(tx, staffId, 'employmentChanged', change.reason, changeId);
}

/**
 * Ends password and second factor and hands out a code to set new ones, for a person who lost them. Sessions end.
 * @throws KuramoriError NOT_FOUND, CONFLICT, DUAL_CONTROL_REQUIRED
 */
export async function resetCredentials(
  tx: Session,
  change: RegisterChange,
  staffId: string,
): Promise<EnrolmentCode> {
  const account = await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
  const changeId = await recordChange(tx, change, 'staff.resetCredentials');
  await endCredentialsOf(tx, staffId, change.at.toString());
  await endSessionsOf(tx, staffId, change.at.toString(), 'credentialsReset');
  if (account.state === 'active') await setState(tx, staffId, 'pending');
  await recordStaffEvent(tx, staffId, 'credentialsReset', change.reason, changeId);
  return issueEnrolment(tx, change, staffId, changeId);
}

/** SHA-256 of an enrolment code as it is kept. Spaces, hyphens and case of the paper do not matter. */
export function enrolmentDigest(code: string): Uint8Array {
  return createHash('sha256').update(code.replaceAll(/[\s-]/g, '').toLowerCase()).digest();
}

/**
 * The account a change is about, its person locked; nobody changes his own.
 * @throws KuramoriError NOT_FOUND, CONFLICT, DUAL_CONTROL_REQUIRED
 */
export async function changeableAccount(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  states: readonly StaffAccount['state'][],
): Promise<StaffAccount> {
  const { personId } = await accountNamed(tx, staffId);
  await assertNotSelf(tx, change, personId);
  await lockPerson(tx, personId);
  const account = await accountNamed(tx, staffId);
  if (!states.includes(account.state)) {
    throw new KuramoriError(
      'CONFLICT',
      `The account is ${account.state}; this change is for accounts that are ${states.join(' or ')}.`,
      {
        state: account.state,
      },
    );
  }
  return account;
}

/**
 * Persons count, not accounts: a second account is no second person (handbook 15 §2).
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export async function assertNotSelf(tx: Session, change: RegisterChange, personId: string): Promise<void> {
  const actor = await findAccount(tx, change.actorId);
  if (actor?.personId === personId) {
    throw new KuramoriError(
      'DUAL_CONTROL_REQUIRED',
      'Nobody changes his own account or rights. Another administrator must do it.',
    );
  }
}

async function insertPosting(
  tx: Session,
  staffId: string,
  department: string,
  validFrom: IsoDate,
  handoverTo: IsoDate | undefined,
  changeId: bigint,
): Promise<void> {
  try {
    await tx.run(
      'access.posting.insert',
      ({ raw }) => raw`
      insert into access.posting (staff_id, department, valid_from, handover_to, change_id)
      values (${staffId}, ${department}, ${validFrom}, ${handoverTo ?? null}, ${String(changeId)})`,
    );
  } catch (error) {
    if (!violates(error, 'posting_department_department_code_fk')) throw error;
    throw new KuramoriError(
      'NOT_FOUND',
      'There is no such department. Choose one from the list of departments.',
    );
  }
}

async function issueEnrolment(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  changeId: bigint,
): Promise<EnrolmentCode> {
  const code = randomBytes(ENROLMENT_CODE_BYTES).toString('hex');
  const expiresAt = change.at.add({ hours: ENROLMENT_HOURS_MAX }).toString();
  await tx.run(
    'access.enrolment.insert',
    ({ raw }) => raw`
    insert into access.enrolment (staff_id, code_sha256, expires_at, change_id)
    values (${staffId}, ${enrolmentDigest(code)}, ${expiresAt}, ${String(changeId)})`,
  );
  return { enrolmentCode: code.replaceAll(/(.{8})(?=.)/g, '$1-') };
}

function assertPeriod(from: IsoDate, to: IsoDate | undefined): void {
  const first = plainDate(from);
  if (to !== undefined && Temporal.PlainDate.compare(plainDate(to), first) < 0) {
    throw new KuramoriError('BAD_INPUT', 'The last day lies before the first day. Correct one of them.');
  }
}

function assertHandover(from: IsoDate, to: IsoDate | undefined): void {
  assertPeriod(from, to);
  if (to !== undefined && plainDate(from).until(plainDate(to)).days >= HANDOVER_DAYS_MAX) {
    throw new KuramoriError(
      'BAD_INPUT',
      `A handover lasts at most ${HANDOVER_DAYS_MAX} days. Choose an earlier last day.`,
      {
        daysMax: HANDOVER_DAYS_MAX,
      },
    );
  }
}
