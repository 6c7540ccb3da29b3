import { VAULT_ROLES } from '../../../schema/vault/staff.js';
import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, plainDate, type IsoDate, type Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { withdrawGrantsOf } from '../grant/grant.store.js';
import { revokeCredentialsOf } from './credential.js';
import { personState, unitOn, type VaultRole } from './person.js';
import { lockPerson } from './staff.store.js';

/** What the personnel feed or an administrator says of a person. Days are inclusive. */
export interface PersonEntry {
  readonly personId: string;
  readonly unit: string;
  /** Last day in the unit, of a person about to move. */
  readonly unitUntil?: IsoDate;
  readonly role: VaultRole;
  readonly employmentFrom: IsoDate;
  readonly employmentTo?: IsoDate;
  readonly trainedOn?: IsoDate;
  readonly secrecyAcceptedOn?: IsoDate;
}

/** What a registration came to, for the log. */
export interface PersonRegistered {
  readonly created: boolean;
  /** Grants that ended with an old unit or an old employment. */
  readonly withdrawnGrants: readonly bigint[];
}

const PERSON_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const UNIT = /^[!-~]{1,64}$/;

/**
 * Enters a person, or what has changed of one (handbook 15 §6.2). Another unit ends every grant of the old one at
 * once; somebody who comes back after the employment had ended gets new grants and keys: nothing revives.
 * @param tx a transaction: write its audit entry in the same
 * @throws KuramoriError BAD_INPUT; CONFLICT for a person who was withdrawn, which is final
 */
export async function registerPerson(
  tx: Session,
  entry: PersonEntry,
  now: Temporal.Instant,
): Promise<PersonRegistered> {
  assertEntry(entry);
  const before = await lockPerson(tx, entry.personId);
  if (before?.revokedAt !== undefined) throw withdrawnForGood();
  await writePerson(tx, entry);
  if (before === undefined) return { created: true, withdrawnGrants: [] };
  const today = dayInJapan(now).toString();
  const cameBack = personState(before, today) === 'ended';
  if (cameBack) await revokeCredentialsOf(tx, entry.personId, now);
  const starts = cameBack || unitOn(before, today) !== entry.unit;
  return { created: false, withdrawnGrants: starts ? await withdrawGrantsOf(tx, entry.personId, today) : [] };
}

async function writePerson(tx: Session, entry: PersonEntry): Promise<void> {
  await tx.run(
    'vault.staff.write',
    ({ raw }) => raw`
    insert into vault.person (person_id, unit, unit_until, role, employment_from, employment_to, trained_on,
      secrecy_accepted_on)
    values (${entry.personId}, ${entry.unit}, ${entry.unitUntil ?? null}, ${entry.role}, ${entry.employmentFrom},
      ${entry.employmentTo ?? null}, ${entry.trainedOn ?? null}, ${entry.secrecyAcceptedOn ?? null})
    on conflict (person_id) do update set unit = excluded.unit, unit_until = excluded.unit_until,
      role = excluded.role, employment_from = excluded.employment_from, employment_to = excluded.employment_to,
      trained_on = excluded.trained_on, secrecy_accepted_on = excluded.secrecy_accepted_on`,
  );
}

function assertEntry(entry: PersonEntry): void {
  if (!PERSON_ID.test(entry.personId)) throw badEntry('personId');
  if (!UNIT.test(entry.unit)) throw badEntry('unit');
  if (!VAULT_ROLES.includes(entry.role)) throw badEntry('role');
  const { employmentFrom, employmentTo, unitUntil, trainedOn, secrecyAcceptedOn } = entry;
  for (const day of [employmentFrom, employmentTo, unitUntil, trainedOn, secrecyAcceptedOn]) {
    if (day !== undefined) plainDate(day);
  }
  if (employmentTo !== undefined && employmentTo < employmentFrom) throw badEntry('employmentTo');
}

function badEntry(field: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The ${field} of the person does not have its form.`, { field });
}

function withdrawnForGood(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The person was withdrawn, which is final. Register a person who comes back under a new id.',
  );
}
