import type { Session } from '../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { dualControlRequired } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { GRANT_MONTHS_MAX } from '../../kernel/limits.js';
import { isVaultOperation, operationRule } from '../assertion/operation.js';
import { refusalToOfficer } from '../refusal.js';
import { feedStandingOn } from '../staff/feedStanding.js';
import { personState, unitOn, type Person } from '../staff/person.js';
import { hasAuditOfficer, requirePerson } from '../staff/staff.store.js';
import { grantObstacle, lastDayOfMonths, personObstacle, type Grant } from './grant.js';
import {
  insertGrant,
  lockGrant,
  writeApproval,
  writeConfirmation,
  writeWithdrawal,
  type GrantAsked,
} from './grant.store.js';

/** Which grant, who decides, and the day in Japan. */
export interface GrantDecision {
  readonly grantId: bigint;
  readonly by: string;
  readonly day: IsoDate;
}

const PURPOSE = /^[A-Z][A-Z_]{0,39}$/;
/** There is no purpose that stands for all of them (handbook 15 §6.1). */
const ALL_PURPOSES: ReadonlySet<string> = new Set(['ALL', 'ANY']);

/**
 * Asks for a grant (権限申請): by the officer of the person's unit, or the chief. It gives nothing before another
 * person has approved it.
 * @param tx a transaction: write its audit entry in the same
 * @returns the number of the request
 * @throws KuramoriError BAD_INPUT; NOT_FOUND; CONFLICT when the person is not employed, no audit officer is, or the
 *   personnel feed has not arrived for too long;
 *   FORBIDDEN_PURPOSE with the rule: `role`, `training-missing`, `training-expired`, `secrecy-missing`, `unit-left`
 */
export async function requestGrant(tx: Session, asked: GrantAsked, day: IsoDate): Promise<bigint> {
  assertAsked(asked, day);
  const person = await requirePerson(tx, asked.personId);
  assertOfficer(await requirePerson(tx, asked.requestedBy), person, day);
  assertMayHold(person, day);
  await assertAudited(tx, day);
  await assertFed(tx, day);
  return insertGrant(tx, asked);
}

/**
 * Approves a request (権限承認): by an officer who is neither the requester nor the person. A grant never begins
 * before its approval.
 * @throws KuramoriError NOT_FOUND; CONFLICT when it is decided, its time is over, person or requester have left, no
 *   audit officer is there, or the personnel feed has not arrived for too long; DUAL_CONTROL_REQUIRED;
 *   FORBIDDEN_PURPOSE with the rule
 */
export async function approveGrant(tx: Session, { grantId, by, day }: GrantDecision): Promise<void> {
  const grant = await lockedGrant(tx, grantId);
  if (grant.state !== 'requested') throw conflict('The request has been decided already.');
  if (grant.validTo < day) throw conflict('The period of the request is over. Ask for another.');
  if (by === grant.requestedBy || by === grant.personId) throw dualControlRequired('samePerson');
  const person = await requirePerson(tx, grant.personId);
  assertOfficer(await requirePerson(tx, by), person, day);
  assertOfficer(await requirePerson(tx, grant.requestedBy), person, day);
  assertMayHold(person, day);
  await assertAudited(tx, day);
  await assertFed(tx, day);
  const validFrom = grant.validFrom < day ? day : grant.validFrom;
  await writeApproval(tx, grantId, { by, on: day, validFrom });
}

/**
 * Confirms a grant for the quarter (棚卸): by an officer other than its holder, while it is in force. One that was
 * suspended for want of it does not come back: ask for a new one.
 * @throws KuramoriError NOT_FOUND; CONFLICT; DUAL_CONTROL_REQUIRED; FORBIDDEN_PURPOSE with the rule
 */
export async function confirmGrant(tx: Session, { grantId, by, day }: GrantDecision): Promise<void> {
  const grant = await lockedGrant(tx, grantId);
  if (by === grant.personId) throw dualControlRequired('samePerson');
  const person = await requirePerson(tx, grant.personId);
  assertOfficer(await requirePerson(tx, by), person, day);
  const obstacle = grantObstacle(grant, person, day);
  if (obstacle !== undefined) throw refusalToOfficer(obstacle);
  await writeConfirmation(tx, grantId, day);
}

/**
 * Withdraws a grant or a request for good (権限取消), at once. Nobody need agree to less.
 * @throws KuramoriError NOT_FOUND; CONFLICT when it is withdrawn already; FORBIDDEN_PURPOSE when not by an officer
 */
export async function withdrawGrant(tx: Session, { grantId, by, day }: GrantDecision): Promise<void> {
  const grant = await lockedGrant(tx, grantId);
  if (grant.state === 'withdrawn') throw conflict('The grant was withdrawn already.');
  const person = await requirePerson(tx, grant.personId);
  const officer = await requirePerson(tx, by);
  if (officer.role !== 'auditOfficer') assertOfficer(officer, person, day);
  else assertEmployed(officer, day);
  await writeWithdrawal(tx, grantId, day);
}

async function lockedGrant(tx: Session, id: bigint): Promise<Grant> {
  const grant = await lockGrant(tx, id);
  if (grant !== undefined) return grant;
  throw new KuramoriError('NOT_FOUND', 'There is no such grant. Check its number.');
}

/** @throws KuramoriError FORBIDDEN_PURPOSE, CONFLICT */
function assertOfficer(officer: Person, person: Person, day: IsoDate): void {
  assertEmployed(officer, day);
  const ofUnit = officer.role === 'unitOfficer' && unitOn(officer, day) === person.unit;
  if (!ofUnit && officer.role !== 'chiefOfficer') throw refusalToOfficer('role');
}

function assertMayHold(person: Person, day: IsoDate): void {
  assertEmployed(person, day);
  const obstacle = personObstacle(person, day);
  if (obstacle !== undefined) throw refusalToOfficer(obstacle);
  if (unitOn(person, day) === undefined) throw refusalToOfficer('unit-left');
}

/**
 * Without an audit officer nobody looks at what a grant is used for (handbook 11 SM-01).
 * @throws KuramoriError CONFLICT
 */
async function assertAudited(tx: Session, day: IsoDate): Promise<void> {
  if (await hasAuditOfficer(tx, day)) return;
  throw conflict(
    'No audit officer (監査責任者) is employed, and without one nobody gets a grant. Enter one first.',
  );
}

/**
 * Whom the personnel feed would have ended must not get a grant because it does not arrive (handbook 15 §6.2).
 * @throws KuramoriError CONFLICT
 */
async function assertFed(tx: Session, day: IsoDate): Promise<void> {
  const { state } = await feedStandingOn(tx, day);
  if (state !== 'stopped') return;
  throw new KuramoriError(
    'CONFLICT',
    'The personnel feed (人事情報) has not arrived for too long, and until it does nobody gets a grant. Take it in first.',
    { rule: 'personnel-feed' },
  );
}

function assertEmployed(person: Person, day: IsoDate): void {
  if (personState(person, day) === 'employed') return;
  throw conflict(
    'Somebody of the grant has left or has not begun. Ask another officer, or for another person.',
  );
}

function assertAsked({ purpose, operations, validFrom, validTo }: GrantAsked, day: IsoDate): void {
  if (!PURPOSE.test(purpose) || ALL_PURPOSES.has(purpose)) throw bad('purpose');
  const known = operations.every((op) => isVaultOperation(op) && operationRule(op).grantNeeded);
  if (operations.length === 0 || !known || new Set(operations).size !== operations.length)
    throw bad('operations');
  for (const each of [validFrom, validTo]) plainDate(each);
  if (validTo < validFrom || validTo < day || validTo > lastDayOfMonths(validFrom, GRANT_MONTHS_MAX))
    throw bad('validTo');
}

function bad(field: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The ${field} of the grant is not as it must be.`, { field });
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}
