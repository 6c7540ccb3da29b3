import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, type IsoDate } from '../../kernel/dates.js';
import type { VaultOperation } from '../assertion/operation.js';
import { personState, type Person, type VaultRole } from '../staff/person.js';
import { allPeople } from '../staff/staff.store.js';
import {
  grantObstacle,
  isConfirmationDue,
  isListedUnused,
  isUnconfirmed,
  isUnused,
  personObstacle,
  trainingEnds,
  type Grant,
} from './grant.js';
import { allGrants } from './grant.store.js';

/** One line of the report: who could do what, for which purpose. */
export interface AccessLine {
  readonly personId: string;
  readonly unit: string;
  readonly role: VaultRole;
  readonly purpose: string;
  readonly operations: readonly VaultOperation[];
  readonly grantId: bigint;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate;
  readonly requestedBy: string;
  readonly approvedBy: string;
}

/**
 * 閲覧可能者一覧: who can or could use numbers on a day in Japan, by person and purpose. For today and later it is what
 * the decision itself would say. The register keeps of each grant and person what was last said: for a day that is
 * past, somebody is rather listed than left out, and the log has each change to the instant.
 * @param today in Japan
 */
export async function accessOn(
  session: Session,
  day: IsoDate,
  today: IsoDate,
): Promise<readonly AccessLine[]> {
  const could = day < today ? couldUse : canUse;
  const all = await grantsOfPeople(session);
  return all
    .filter(([grant, person]) => could(grant, person, day))
    .map(([grant, person]) => lineOf(grant, person))
    .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Grants in force that wait for the confirmation of the present quarter. */
export async function grantsToConfirm(session: Session, day: IsoDate): Promise<readonly Grant[]> {
  return grantsInForce(session, day, isConfirmationDue);
}

/** Grants in force that have not been used for 90 days: candidates to be withdrawn. */
export async function unusedGrants(session: Session, day: IsoDate): Promise<readonly Grant[]> {
  return grantsInForce(session, day, isListedUnused);
}

async function grantsInForce(
  session: Session,
  day: IsoDate,
  listed: (grant: Grant, day: IsoDate) => boolean,
): Promise<readonly Grant[]> {
  return (await grantsOfPeople(session))
    .filter(([grant, person]) => grantObstacle(grant, person, day) === undefined && listed(grant, day))
    .map(([grant]) => grant);
}

async function grantsOfPeople(session: Session): Promise<readonly (readonly [Grant, Person])[]> {
  const grants = await allGrants(session);
  return (await allPeople(session)).flatMap((person) =>
    grants
      .filter(({ personId }) => personId === person.personId)
      .map((grant): readonly [Grant, Person] => [grant, person]),
  );
}

function canUse(grant: Grant, person: Person, day: IsoDate): boolean {
  return (
    personState(person, day) === 'employed' &&
    personObstacle(person, day) === undefined &&
    grantObstacle(grant, person, day) === undefined
  );
}

/** On the day of a suspension, a withdrawal or a leaving, the grant could be used before it. */
function couldUse(grant: Grant, person: Person, day: IsoDate): boolean {
  if (grant.approvedBy === undefined || day < grant.validFrom || day < person.employmentFrom) return false;
  if (isUnconfirmed(grant, day) || isUnused(grant, day)) return false;
  const { employmentTo, unitUntil, revokedAt } = person;
  const lastDays = [
    grant.validTo,
    grant.state === 'approved' ? undefined : grant.stateSince,
    employmentTo,
    unitUntil,
    revokedAt && dayInJapan(revokedAt).toString(),
    trainingEnds(person),
  ];
  return lastDays.every((last) => last === undefined || day <= last);
}

function lineOf(grant: Grant, { unit, role }: Person): AccessLine {
  const { personId, purpose, operations, id, validFrom, validTo, requestedBy, approvedBy } = grant;
  return {
    personId,
    unit,
    role,
    purpose,
    operations,
    grantId: id,
    validFrom,
    validTo,
    requestedBy,
    approvedBy: String(approvedBy),
  };
}

function sortKey({ personId, purpose, validFrom }: AccessLine): string {
  return `${personId} ${purpose} ${validFrom}`;
}
