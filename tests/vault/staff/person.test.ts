import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Temporal } from '../../../src/kernel/dates.js';
import {
  assertInForce,
  assertZone,
  mayRevoke,
  personState,
  unitOn,
  type Actor,
  type Person,
  type TerminalZone,
} from '../../../src/vault/staff/person.js';
import { at, person } from './support/register.js';

const NOW = at('2026-11-02T00:00:00Z');
const actor = (own: Partial<Person>, revokedAt?: Temporal.Instant): Actor => ({
  person: person(own),
  terminal: { terminalId: 'T-0417', zone: 'workZone', unit: 'nozei', revokedAt },
  credential: {
    credentialId: 'CR-1',
    personId: 'P-1029',
    terminalId: 'T-0417',
    publicJwk: {},
    authenticator: undefined,
    validFrom: NOW,
    validTo: NOW,
    revokedAt: undefined,
  },
});
const inForce = (own: Partial<Person>, now: string, revokedAt?: Temporal.Instant) => () =>
  assertInForce(actor(own, revokedAt), at(now));
const refused = (code: string, rule: string): unknown => expect.objectContaining({ code, rule });

describe('employment ends at 24:00 in Japan (handbook 15 §6.2)', () => {
  const employmentTo = '2027-03-31';

  test('2027-03-31 23:59:59.999 JST is allowed, 2027-04-01 00:00:00.000 JST is not', () => {
    expect(inForce({ employmentTo }, '2027-03-31T14:59:59.999Z')).not.toThrow();
    const ended = refused('ACCOUNT_REVOKED', 'employment-ended');
    expect(inForce({ employmentTo }, '2027-03-31T15:00:00.000Z')).toThrow(ended);
  });

  test('and begins at 00:00 in Japan', () => {
    const early = refused('UNAUTHENTICATED', 'notEmployed');
    expect(inForce({ employmentFrom: '2026-11-03' }, '2026-11-02T14:59:59.999Z')).toThrow(early);
    expect(inForce({ employmentFrom: '2026-11-03' }, '2026-11-02T15:00:00.000Z')).not.toThrow();
  });

  test('whatever the time zone of the host', () => {
    fc.assert(
      fc.property(fc.integer({ min: -86_400_000, max: 86_400_000 }), (ms) => {
        const midnight = at('2027-03-31T15:00:00Z');
        const now = midnight.add({ milliseconds: ms });
        const day = now.toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toString();
        expect(personState(person({ employmentTo }), day)).toBe(ms < 0 ? 'employed' : 'ended');
      }),
    );
  });
});

test('a withdrawal holds on every day, also when the clock is set back', () => {
  const revokedAt = at('2026-11-02T00:00:00Z');
  const revoked = refused('ACCOUNT_REVOKED', 'person-revoked');
  for (const now of ['2020-01-01T00:00:00Z', '2026-11-01T23:59:59Z', '2030-01-01T00:00:00Z'])
    expect(inForce({ revokedAt }, now)).toThrow(revoked);
});

test('a terminal that was withdrawn is refused without saying so', () => {
  const check = inForce({}, '2026-11-02T00:00:00Z', NOW);
  expect(check).toThrow(refused('UNAUTHENTICATED', 'revoked'));
  expect(check).toThrow(/^The credential is missing/);
});

test('numbers are shown in the working area alone, other operations are done anywhere', () => {
  const terminal = (zone: TerminalZone) => ({ ...actor({}).terminal, zone });
  for (const op of ['reveal', 'attachToDocument'] as const) {
    expect(() => assertZone(terminal('workZone'), op)).not.toThrow();
    for (const zone of ['controlZone', 'other'] as const)
      expect(() => assertZone(terminal(zone), op)).toThrow(refused('FORBIDDEN_PURPOSE', 'zone'));
  }
  expect(() => assertZone(terminal('other'), 'hold')).not.toThrow();
});

test('a mover belongs to the old unit through the stated day, and to none until the new one is entered', () => {
  const mover = person({ unitUntil: '2026-09-30' });
  expect(unitOn(mover, '2026-09-30')).toBe('nozei');
  expect(unitOn(mover, '2026-10-01')).toBeUndefined();
  expect(unitOn(person(), '2026-10-01')).toBe('nozei');
});

describe('who may stop somebody at once', () => {
  const day = '2026-11-02';
  const may = (own: Partial<Person>) => mayRevoke(person(own), person(), day);

  test('the officer of the unit, the audit officer, the chief officer', () => {
    expect(may({ role: 'unitOfficer' })).toBe(true);
    expect(may({ role: 'auditOfficer', unit: 'kansa' })).toBe(true);
    expect(may({ role: 'chiefOfficer', unit: 'soumu' })).toBe(true);
  });

  test('nobody else, and nobody who has left or moved', () => {
    for (const role of ['handler', 'systemAdmin', 'keyCustodian'] as const) expect(may({ role })).toBe(false);
    expect(may({ role: 'unitOfficer', unit: 'shimin' })).toBe(false);
    expect(may({ role: 'unitOfficer', unitUntil: '2026-11-01' })).toBe(false);
    expect(may({ role: 'chiefOfficer', employmentTo: '2026-11-01' })).toBe(false);
  });
});
