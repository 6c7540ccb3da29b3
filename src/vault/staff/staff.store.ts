import type { Session } from '../../kernel/database/database.js';
import { Temporal, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type {
  Actor,
  Authenticator,
  Credential,
  Person,
  Terminal,
  TerminalZone,
  VaultRole,
} from './person.js';

/** Columns of a person as statements give them. */
export interface PersonRow {
  readonly person_id: string;
  readonly unit: string;
  readonly unit_until: string | null;
  readonly role: VaultRole;
  readonly employment_from: string;
  readonly employment_to: string | null;
  readonly trained_on: string | null;
  readonly secrecy_accepted_on: string | null;
  readonly person_revoked_at: string | null;
}

interface TerminalRow {
  readonly terminal_id: string;
  readonly zone: TerminalZone;
  readonly terminal_unit: string;
  readonly terminal_revoked_at: string | null;
}

interface CredentialRow {
  readonly credential_id: string;
  readonly public_jwk: unknown;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly credential_revoked_at: string | null;
  readonly webauthn_id: string | null;
  readonly counter: bigint | null;
  readonly backup_eligible: boolean | null;
  readonly backed_up: boolean | null;
}

/** The key by its id, compared exactly, with its person and terminal; or nothing. */
export async function findActor(session: Session, credentialId: string): Promise<Actor | undefined> {
  const [row] = await session.run(
    'vault.staff.actor',
    ({ raw }) => raw<(PersonRow & TerminalRow & CredentialRow)[]>`
    select c.credential_id, c.public_jwk, c.valid_from, c.valid_to, c.revoked_at as credential_revoked_at,
      t.terminal_id, t.zone, t.unit as terminal_unit, t.revoked_at as terminal_revoked_at,
      p.person_id, p.unit, p.unit_until, p.role, p.employment_from, p.employment_to, p.trained_on,
      p.secrecy_accepted_on, p.revoked_at as person_revoked_at,
      a.webauthn_id, a.counter, a.backup_eligible, a.backed_up
    from vault.credential c
    left join vault.authenticator a on a.credential_id = c.credential_id
    join vault.person p on p.person_id = c.person_id
    join vault.terminal t on t.terminal_id = c.terminal_id
    where c.credential_id = ${credentialId}`,
  );
  return row && { person: personOf(row), terminal: terminalOf(row), credential: credentialOf(row) };
}

/** A person, or none. */
export async function findPerson(session: Session, personId: string): Promise<Person | undefined> {
  const [row] = await session.run(
    'vault.staff.find',
    ({ raw }) => raw<PersonRow[]>`
    select *, revoked_at as person_revoked_at from vault.person where person_id = ${personId}`,
  );
  return row && personOf(row);
}

/** All people of the register: some hundred at most. */
export async function allPeople(session: Session): Promise<readonly Person[]> {
  const rows = await session.run(
    'vault.staff.all',
    ({ raw }) => raw<PersonRow[]>`
    select *, revoked_at as person_revoked_at from vault.person order by person_id`,
  );
  return rows.map(personOf);
}

/** A person whom nobody else changes before the transaction's end, or none. */
export async function lockPerson(tx: Session, personId: string): Promise<Person | undefined> {
  const [row] = await tx.run(
    'vault.staff.lock',
    ({ raw }) => raw<PersonRow[]>`
    select *, revoked_at as person_revoked_at from vault.person where person_id = ${personId} for update`,
  );
  return row && personOf(row);
}

/** A person of the register. @throws KuramoriError NOT_FOUND */
export async function requirePerson(session: Session, personId: string): Promise<Person> {
  return (await findPerson(session, personId)) ?? personNotFound();
}

/** Whether somebody looks after the log (監査責任者) on a day. */
export async function hasAuditOfficer(session: Session, day: IsoDate): Promise<boolean> {
  const rows = await session.run(
    'vault.person.auditOfficer',
    ({ raw }) => raw`
    select from vault.person where role = 'auditOfficer' and revoked_at is null
      and employment_from <= ${day}::date and (employment_to is null or employment_to >= ${day}::date) limit 1`,
  );
  return rows.length > 0;
}

export function personNotFound(): never {
  throw new KuramoriError('NOT_FOUND', 'There is no such person in the register of the vault. Check the id.');
}

/** The person in a row. */
export function personOf(row: PersonRow): Person {
  return {
    personId: row.person_id,
    unit: row.unit,
    unitUntil: row.unit_until ?? undefined,
    role: row.role,
    employmentFrom: row.employment_from,
    employmentTo: row.employment_to ?? undefined,
    trainedOn: row.trained_on ?? undefined,
    secrecyAcceptedOn: row.secrecy_accepted_on ?? undefined,
    revokedAt: instantOf(row.person_revoked_at),
  };
}

function terminalOf(row: TerminalRow): Terminal {
  return {
    terminalId: row.terminal_id,
    zone: row.zone,
    unit: row.terminal_unit,
    revokedAt: instantOf(row.terminal_revoked_at),
  };
}

function credentialOf(row: CredentialRow & PersonRow & TerminalRow): Credential {
  return {
    credentialId: row.credential_id,
    personId: row.person_id,
    terminalId: row.terminal_id,
    publicJwk: row.public_jwk,
    authenticator: authenticatorOf(row),
    validFrom: Temporal.Instant.from(row.valid_from),
    validTo: Temporal.Instant.from(row.valid_to),
    revokedAt: instantOf(row.credential_revoked_at),
  };
}

/** Its columns stand together, or not at all. */
function authenticatorOf(row: CredentialRow): Authenticator | undefined {
  if (row.webauthn_id === null) return undefined;
  return {
    webauthnId: row.webauthn_id,
    counter: row.counter as bigint,
    backupEligible: row.backup_eligible as boolean,
    backedUp: row.backed_up as boolean,
  };
}

function instantOf(text: string | null): Temporal.Instant | undefined {
  return text === null ? undefined : Temporal.Instant.from(text);
}
