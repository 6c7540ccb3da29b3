import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { grantFor } from '../../../src/vault/grant/decide.js';
import { grantsFor } from '../../../src/vault/grant/grant.store.js';
import { enrolCredential, revokeCredential } from '../../../src/vault/staff/credential.js';
import { registerPerson, type PersonEntry } from '../../../src/vault/staff/register.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { allPeople, findActor, findPerson, requirePerson } from '../../../src/vault/staff/staff.store.js';
import { registerTerminal, revokeTerminal } from '../../../src/vault/staff/terminal.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { newTestKey } from '../assertion/support/sign.js';
import { at, enrol, enterOfficers, entry, grant, ruleOf } from './support/register.js';

const db = await testVaultDatabases();
const NOW = '2026-11-02T00:00:00Z';
const DAY = '2026-11-02';
const register = (person: PersonEntry, now = NOW) =>
  db.vault.transaction('tests', (tx) => registerPerson(tx, person, at(now)));

beforeAll(() => enterOfficers(db.vault, NOW));

describe('a person', () => {
  test('is entered with all that is said of them', async () => {
    const said = entry('P-1', {
      unitUntil: '2026-12-31',
      employmentTo: '2027-03-31',
      role: 'keyCustodian',
      trainedOn: '2026-05-01',
      secrecyAcceptedOn: '2026-05-02',
    });
    expect(await register(said)).toEqual({ created: true, withdrawnGrants: [] });
    expect(await findPerson(db.vault, 'P-1')).toEqual({ ...said, revokedAt: undefined });
    expect((await allPeople(db.vault)).map(({ personId }) => personId)).toContain('P-1');
    const bare = { personId: 'P-2', unit: 'nozei', role: 'handler', employmentFrom: '2026-04-01' } as const;
    await register(bare);
    expect(await findPerson(db.vault, 'P-2')).toMatchObject({ ...bare, trainedOn: undefined });
  });

  test('is changed by what the feed says next, and keeps grants within the unit', async () => {
    await register(entry('P-3'));
    await grant(db.vault, 'P-3', DAY);
    expect(await register(entry('P-3', { employmentTo: '2027-03-31' }))).toEqual({
      created: false,
      withdrawnGrants: [],
    });
    expect(await findPerson(db.vault, 'P-3')).toMatchObject({ employmentTo: '2027-03-31' });
  });

  test.each<[string, Partial<PersonEntry>]>([
    ['id', { personId: '../P' }],
    ['unit', { unit: '' }],
    ['role', { role: 'owner' as 'handler' }],
    ['first day', { employmentFrom: '2026-02-30' }],
    ['last day', { employmentTo: '2019-01-01' }],
    ['day of training', { trainedOn: 'yesterday' }],
  ])('is refused with a wrong %s, which is not repeated', async (_name, own) => {
    const outcome = register(entry('P-4', own));
    await expect(outcome).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(outcome).rejects.not.toThrow(/\.\.\/P|owner|yesterday/);
  });

  test('is looked for and not found', async () => {
    expect(await findPerson(db.vault, 'P-none')).toBeUndefined();
    expect(await ruleOf(requirePerson(db.vault, 'P-none'))).toBe('NOT_FOUND');
    expect(await findActor(db.vault, 'CR-none')).toBeUndefined();
  });
});

describe('movers and those who come back', () => {
  test('lose every grant of the old unit with the new one', async () => {
    await register(entry('P-10'));
    const grantId = await grant(db.vault, 'P-10', DAY);
    expect(await register(entry('P-10', { unit: 'shimin' }))).toEqual({
      created: false,
      withdrawnGrants: [grantId],
    });
    const person = await requirePerson(db.vault, 'P-10');
    expect(await ruleOf(grantFor(db.vault, person, 'REFUND', 'reveal', DAY))).toBe(
      'FORBIDDEN_PURPOSE grant-missing',
    );
  });

  test('lose them at 24:00 of the stated day, without a job, also when they come back to the same unit', async () => {
    await register(entry('P-11'));
    const grantId = await grant(db.vault, 'P-11', DAY);
    await register(entry('P-11', { unitUntil: '2026-11-30' }));
    const person = await requirePerson(db.vault, 'P-11');
    const use = (day: string) => ruleOf(grantFor(db.vault, person, 'REFUND', 'reveal', day));
    expect(await use('2026-11-30')).toBe('accepted');
    expect(await use('2026-12-01')).toBe('FORBIDDEN_PURPOSE unit-left');
    expect((await register(entry('P-11'), '2026-12-01T00:00:00Z')).withdrawnGrants).toEqual([grantId]);
  });

  test('have nothing revive after the employment had ended: neither grants nor keys', async () => {
    await register(entry('P-12', { employmentTo: '2026-11-10' }));
    const grantId = await grant(db.vault, 'P-12', DAY);
    const { credentialId } = await enrol(db.vault, NOW, 'P-12');
    const back = entry('P-12', { employmentFrom: '2026-12-01' });
    expect((await register(back, '2026-12-01T00:00:00Z')).withdrawnGrants).toEqual([grantId]);
    expect((await findActor(db.vault, credentialId))?.credential.revokedAt).toBeDefined();
  });

  test('keep them when the employment is prolonged before its end', async () => {
    await register(entry('P-13', { employmentTo: '2026-11-10' }));
    await grant(db.vault, 'P-13', DAY);
    const prolonged = entry('P-13', { employmentTo: '2027-03-31' });
    expect((await register(prolonged, '2026-11-10T14:59:59Z')).withdrawnGrants).toEqual([]);
  });
});

describe('immediate withdrawal (即時停止)', () => {
  test('takes keys, step-ups, grants, requests and unused approvals with it, at once and for good', async () => {
    await register(entry('P-20'));
    const { credentialId } = await enrol(db.vault, NOW, 'P-20');
    const grantId = await grant(db.vault, 'P-20', DAY);
    await db.owner.vault.run(
      'tests.stepUp',
      ({ raw }) => raw`
      insert into vault.step_up (step_up_id, person_id, terminal_id, purpose, at, until)
      values ('SU-1', 'P-20', 'T-0417', 'REFUND', ${NOW}, '2026-11-02T00:05:00Z'),
        ('SU-2', 'P-3', 'T-0417', 'REFUND', ${NOW}, '2026-11-02T00:05:00Z')`,
    );
    await db.owner.vault.run(
      'tests.approval',
      ({ raw }) => raw`
      insert into vault.approval
        (approval_id, kind, content_digest, summary, state, requested_by, requested_at, decided_by)
      values ('AP-1', 'erase', 'sha256:a', '{}', 'requested', 'P-20', ${NOW}, null),
        ('AP-2', 'erase', 'sha256:a', '{}', 'approved', 'P-3', ${NOW}, 'P-20'),
        ('AP-3', 'erase', 'sha256:a', '{}', 'consumed', 'P-3', ${NOW}, 'P-20'),
        ('AP-4', 'erase', 'sha256:a', '{}', 'approved', 'P-3', ${NOW}, 'CHIEF')`,
    );
    const revoke = () => db.vault.transaction('tests', (tx) => revokeNow(tx, 'P-20', at(NOW)));
    expect(await revoke()).toEqual({
      credentials: [credentialId],
      openCarries: [],
      stepUps: 1,
      grants: [grantId],
      approvals: ['AP-1', 'AP-2'],
    });
    const nothing = { credentials: [], openCarries: [], stepUps: 0, grants: [], approvals: [] };
    expect(await revoke()).toEqual(nothing);
    expect((await requirePerson(db.vault, 'P-20')).revokedAt?.toString()).toBe(NOW);
    expect((await grantsFor(db.vault, 'P-20', 'REFUND')).map(({ state }) => state)).toEqual(['withdrawn']);
  });

  test('is final: neither the feed nor a new key brings the person back', async () => {
    expect(await ruleOf(register(entry('P-20', { employmentFrom: '2027-01-01' })))).toBe('CONFLICT');
    const { publicJwk } = newTestKey();
    const again = db.vault.transaction('tests', (tx) =>
      enrolCredential(tx, { personId: 'P-20', terminalId: 'T-0417', publicJwk }, at(NOW)),
    );
    expect(await ruleOf(again)).toBe('CONFLICT');
  });

  test('is of somebody', async () => {
    const nobody = db.vault.transaction('tests', (tx) => revokeNow(tx, 'P-none', at(NOW)));
    expect(await ruleOf(nobody)).toBe('NOT_FOUND');
  });
});

describe('a terminal', () => {
  test('is entered, moved to another zone, and withdrawn for good', async () => {
    const terminal = { terminalId: 'T-1', zone: 'other', unit: 'nozei' } as const;
    await registerTerminal(db.vault, terminal);
    await registerTerminal(db.vault, { ...terminal, zone: 'workZone' });
    await register(entry('P-30'));
    const { publicJwk } = newTestKey();
    const { credentialId } = await db.vault.transaction('tests', (tx) =>
      enrolCredential(tx, { personId: 'P-30', terminalId: 'T-1', publicJwk }, at(NOW)),
    );
    await revokeTerminal(db.vault, 'T-1', at(NOW));
    await revokeTerminal(db.vault, 'T-1', at('2026-12-01T00:00:00Z'));
    expect((await findActor(db.vault, credentialId))?.terminal).toEqual({
      terminalId: 'T-1',
      zone: 'workZone',
      unit: 'nozei',
      revokedAt: at(NOW),
    });
    expect(await ruleOf(registerTerminal(db.vault, terminal))).toBe('CONFLICT');
    expect(await ruleOf(revokeTerminal(db.vault, 'T-none', at(NOW)))).toBe('NOT_FOUND');
  });

  test('is refused without its form', async () => {
    for (const own of [{ terminalId: 'T 1' }, { zone: 'home' as 'other' }, { unit: 'a b' }]) {
      const terminal = { terminalId: 'T-2', zone: 'other' as const, unit: 'nozei', ...own };
      expect(await ruleOf(registerTerminal(db.vault, terminal))).toBe('BAD_INPUT');
    }
  });
});

describe('a key', () => {
  const enrolKey = (personId: string, publicJwk = newTestKey().publicJwk, terminalId = 'T-0417') =>
    db.vault.transaction('tests', (tx) => enrolCredential(tx, { personId, terminalId, publicJwk }, at(NOW)));

  test('lives for 90 days, and only its public part is kept', async () => {
    await register(entry('P-40', { employmentFrom: '2026-12-01' }));
    const { publicJwk } = newTestKey();
    const { credentialId, validTo } = await enrolKey('P-40', { ...publicJwk, d: 'SECRET', use: 'sig' });
    expect(validTo.toString()).toBe('2027-01-31T00:00:00Z');
    expect((await findActor(db.vault, credentialId))?.credential.publicJwk).toEqual(publicJwk);
  });

  test('belongs to one person: the same key is not enrolled twice, not even at once', async () => {
    await register(entry('P-41'));
    const { publicJwk } = newTestKey();
    let second: Promise<string> | undefined;
    await db.vault.transaction('tests', async (tx) => {
      await enrolCredential(tx, { personId: 'P-40', terminalId: 'T-0417', publicJwk }, at(NOW));
      second = ruleOf(enrolKey('P-41', publicJwk));
      await sleep(150);
    });
    expect(await second).toBe('CONFLICT');
    expect(await ruleOf(enrolKey('P-40', publicJwk))).toBe('CONFLICT');
  });

  test('is refused for somebody who has left, for nobody, on no terminal, and when it is another kind', async () => {
    await register(entry('P-42', { employmentTo: '2026-11-01' }));
    expect(await ruleOf(enrolKey('P-42'))).toBe('CONFLICT');
    expect(await ruleOf(enrolKey('P-none'))).toBe('NOT_FOUND');
    expect(await ruleOf(enrolKey('P-41', newTestKey().publicJwk, 'T-none'))).toBe('CONFLICT');
    expect(await ruleOf(enrolKey('P-41', newTestKey().publicJwk, 'T-1'))).toBe('CONFLICT');
    expect(await ruleOf(enrolKey('P-41', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }))).toBe(
      'CONFIGURATION_INVALID',
    );
  });

  test('is withdrawn by its id', async () => {
    const { credentialId } = await enrolKey('P-41');
    await revokeCredential(db.vault, credentialId, at(NOW));
    await revokeCredential(db.vault, credentialId, at('2026-12-01T00:00:00Z'));
    expect((await findActor(db.vault, credentialId))?.credential.revokedAt?.toString()).toBe(NOW);
    expect(await ruleOf(revokeCredential(db.vault, 'CR-none', at(NOW)))).toBe('NOT_FOUND');
  });
});
