import type { Database } from '../../../../src/kernel/database/database.js';
import { Temporal } from '../../../../src/kernel/dates.js';
import { approveGrant, requestGrant } from '../../../../src/vault/grant/change.js';
import type { GrantAsked } from '../../../../src/vault/grant/grant.store.js';
import { enrolCredential, type CredentialEnrolled } from '../../../../src/vault/staff/credential.js';
import type { Person } from '../../../../src/vault/staff/person.js';
import { registerPerson, type PersonEntry } from '../../../../src/vault/staff/register.js';
import { registerTerminal } from '../../../../src/vault/staff/terminal.js';
import { newTestKey, type TestKey } from '../../assertion/support/sign.js';

export const at = (text: string) => Temporal.Instant.from(text);

/** A person as the pure rules take one. */
export function person(own: Partial<Person> = {}): Person {
  return {
    personId: 'P-1029',
    unit: 'nozei',
    unitUntil: undefined,
    role: 'handler',
    employmentFrom: '2020-04-01',
    employmentTo: undefined,
    trainedOn: '2026-04-01',
    secrecyAcceptedOn: '2026-04-01',
    revokedAt: undefined,
    ...own,
  };
}

export function entry(personId: string, own: Partial<PersonEntry> = {}): PersonEntry {
  return {
    personId,
    unit: 'nozei',
    role: 'handler',
    employmentFrom: '2020-04-01',
    trainedOn: '2026-04-01',
    secrecyAcceptedOn: '2026-04-01',
    ...own,
  };
}

/** Registers people, each in a transaction of its own. */
export async function enter(db: Database, now: string, ...entries: readonly PersonEntry[]): Promise<void> {
  for (const each of entries) await db.transaction('tests.enter', (tx) => registerPerson(tx, each, at(now)));
}

/** An officer of the unit, a second one, the chief. */
export async function enterOfficers(db: Database, now: string, unit = 'nozei'): Promise<void> {
  await enter(
    db,
    now,
    entry('OFFICER-1', { role: 'unitOfficer', unit }),
    entry('OFFICER-2', { role: 'unitOfficer', unit }),
    entry('CHIEF', { role: 'chiefOfficer', unit: 'soumu' }),
    entry('AUDITOR', { role: 'auditOfficer', unit: 'kansa' }),
  );
}

/** A key of a person on a terminal of the working area. */
export async function enrol(
  db: Database,
  now: string,
  personId: string,
  terminalId = 'T-0417',
): Promise<CredentialEnrolled & { readonly key: TestKey }> {
  const key = newTestKey();
  await registerTerminal(db, { terminalId, zone: 'workZone', unit: 'nozei' });
  const enrolled = await db.transaction('tests.enrol', (tx) =>
    enrolCredential(tx, { personId, terminalId, publicJwk: key.publicJwk }, at(now)),
  );
  return { ...enrolled, key };
}

/** A grant, asked for by one officer and approved by the other. */
export async function grant(
  db: Database,
  personId: string,
  day: string,
  own: Partial<GrantAsked> = {},
): Promise<bigint> {
  return db.transaction('tests.grant', async (tx) => {
    const asked: GrantAsked = {
      personId,
      purpose: 'REFUND',
      operations: ['reveal', 'resolve'],
      validFrom: day,
      validTo: '2027-03-31',
      requestedBy: 'OFFICER-1',
      ...own,
    };
    const grantId = await requestGrant(tx, asked, day);
    await approveGrant(tx, { grantId, by: 'OFFICER-2', day });
    return grantId;
  });
}

/** The rule of the refusal that a promise ends in; otherwise what it ended in. */
export async function ruleOf(outcome: Promise<unknown>): Promise<string> {
  try {
    await outcome;
    return 'accepted';
  } catch (error) {
    const { code, rule, facts } = error as { code: string; rule?: string; facts?: { rule?: string } };
    return `${code} ${rule ?? facts?.rule ?? ''}`.trim();
  }
}
