import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { approveGrant, confirmGrant, requestGrant, withdrawGrant } from '../../../src/vault/grant/change.js';
import { grantFor } from '../../../src/vault/grant/decide.js';
import {
  grantsFor,
  noteGrantUsed,
  suspendGrantsOf,
  type GrantAsked,
} from '../../../src/vault/grant/grant.store.js';
import { accessOn, grantsToConfirm, unusedGrants } from '../../../src/vault/grant/report.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { requirePerson } from '../../../src/vault/staff/staff.store.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { at, enter, enterOfficers, entry, grant, ruleOf } from '../staff/support/register.js';

const db = await testVaultDatabases();
const NOW = '2026-11-02T00:00:00Z';
const DAY = '2026-11-02';

const ask = (own: Partial<GrantAsked> = {}, day = DAY) =>
  db.vault.transaction('tests', (tx) => {
    const asked: GrantAsked = {
      personId: 'P-1',
      purpose: 'REFUND',
      operations: ['reveal'],
      validFrom: '2026-11-02',
      validTo: '2027-11-01',
      requestedBy: 'OFFICER-1',
      ...own,
    };
    return requestGrant(tx, asked, day);
  });
type Change = typeof approveGrant;
const decide = (change: Change, grantId: bigint, by: string, day = DAY) =>
  db.vault.transaction('tests', (tx) => change(tx, { grantId, by, day }));
const use = async (personId: string, day: string, purpose = 'REFUND') =>
  ruleOf(grantFor(db.vault, await requirePerson(db.vault, personId), purpose, 'reveal', day));

beforeAll(async () => {
  await enterOfficers(db.vault, NOW);
  const bare = { personId: 'P-BARE', unit: 'nozei', role: 'handler', employmentFrom: '2020-04-01' } as const;
  await enter(db.vault, NOW, entry('P-1'), bare, entry('P-MOVER', { unitUntil: '2026-11-01' }));
  await enter(db.vault, NOW, entry('OFFICER-X', { role: 'unitOfficer', unit: 'shimin' }));
  await enter(
    db.vault,
    NOW,
    entry('ADMIN', { role: 'systemAdmin' }),
    entry('P-GONE', { employmentTo: '2026-11-01' }),
  );
});

describe('a grant', () => {
  test('is asked for by one officer, approved by another, and holds from its first day', async () => {
    const grantId = await ask({ validFrom: '2026-11-03' });
    expect(await use('P-1', '2026-11-03')).toBe('FORBIDDEN_PURPOSE grant-missing');
    await decide(approveGrant, grantId, 'OFFICER-2');
    expect(await use('P-1', '2026-11-02')).toBe('FORBIDDEN_PURPOSE grant-period');
    expect(await use('P-1', '2026-11-03')).toBe('accepted');
    expect(await use('P-1', '2026-11-03', 'DELINQUENCY')).toBe('FORBIDDEN_PURPOSE grant-missing');
    expect(await grantsFor(db.vault, 'P-1', 'REFUND')).toMatchObject([
      { id: grantId, state: 'approved', requestedBy: 'OFFICER-1', approvedBy: 'OFFICER-2', confirmedOn: DAY },
    ]);
  });

  test('never begins before its approval', async () => {
    const grantId = await ask({ purpose: 'TRANSFER' });
    await decide(approveGrant, grantId, 'CHIEF', '2026-11-20');
    expect(await grantsFor(db.vault, 'P-1', 'TRANSFER')).toMatchObject([{ validFrom: '2026-11-20' }]);
  });

  test('is refused once the person is no longer what it was given to', async () => {
    await enter(db.vault, NOW, entry('P-2'));
    await grant(db.vault, 'P-2', DAY);
    expect(await use('P-2', DAY)).toBe('accepted');
    await enter(db.vault, NOW, entry('P-2', { role: 'systemAdmin' }));
    expect(await use('P-2', DAY)).toBe('FORBIDDEN_PURPOSE role');
  });

  test('is asked for with trained people alone: on 2027-04-02, not on 2027-04-03 (§6.1)', async () => {
    const period = { validFrom: '2027-04-02', validTo: '2028-04-01', purpose: 'COUNTER' };
    expect(await ruleOf(ask(period, '2027-04-02'))).toBe('accepted');
    await expect(ask({ ...period, purpose: 'LATE' }, '2027-04-03')).rejects.toMatchObject({
      code: 'FORBIDDEN_PURPOSE',
      facts: { rule: 'training-expired' },
    });
  });
});

describe('a request for a grant is refused', () => {
  test.each<[string, Partial<GrantAsked>]>([
    ['without a purpose', { purpose: '' }],
    ['for all purposes', { purpose: 'ALL' }],
    ['for a purpose in words', { purpose: 'whatever it takes' }],
    ['without an operation', { operations: [] }],
    ['for an operation twice', { operations: ['reveal', 'reveal'] }],
    ['for an unknown operation', { operations: ['export' as 'reveal'] }],
    ['for what needs no grant', { operations: ['stepUp'] }],
    ['for more than twelve months', { validTo: '2027-11-02' }],
    ['for a period that ends before it begins', { validFrom: '2026-11-20', validTo: '2026-11-19' }],
    ['for a period that is over', { validFrom: '2026-10-01', validTo: '2026-11-01' }],
    ['for a day that is none', { validFrom: '2026-11-31' }],
  ])('%s', async (_name, own) => {
    expect(await ruleOf(ask(own))).toMatch(/^BAD_INPUT/);
  });

  test.each<[string, Partial<GrantAsked>, string]>([
    ['by somebody who is no officer', { requestedBy: 'P-1' }, 'FORBIDDEN_PURPOSE role'],
    ['by the officer of another unit', { requestedBy: 'OFFICER-X' }, 'FORBIDDEN_PURPOSE role'],
    ['by the audit officer', { requestedBy: 'AUDITOR' }, 'FORBIDDEN_PURPOSE role'],
    ['by nobody', { requestedBy: 'P-none' }, 'NOT_FOUND'],
    ['for nobody', { personId: 'P-none' }, 'NOT_FOUND'],
    ['for an administrator of systems', { personId: 'ADMIN' }, 'FORBIDDEN_PURPOSE role'],
    ['for somebody who was never trained', { personId: 'P-BARE' }, 'FORBIDDEN_PURPOSE training-missing'],
    ['for somebody between two units', { personId: 'P-MOVER' }, 'FORBIDDEN_PURPOSE unit-left'],
    ['for somebody who has left', { personId: 'P-GONE' }, 'CONFLICT'],
    ['by somebody who has left', { requestedBy: 'P-GONE' }, 'CONFLICT'],
  ])('%s', async (_name, own, expected) => {
    expect(await ruleOf(ask(own))).toBe(expected);
  });
});

describe('an approval is refused', () => {
  test('by the requester, by the person, by no officer, and of nothing', async () => {
    const grantId = await ask({ purpose: 'AUDITING' });
    expect(await ruleOf(decide(approveGrant, grantId, 'OFFICER-1'))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    expect(await ruleOf(decide(approveGrant, grantId, 'P-1'))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    expect(await ruleOf(decide(approveGrant, grantId, 'OFFICER-X'))).toBe('FORBIDDEN_PURPOSE role');
    expect(await ruleOf(decide(approveGrant, 999_999n, 'OFFICER-2'))).toBe('NOT_FOUND');
  });

  test('of an officer for himself, whoever asked; of one by the chief it is given', async () => {
    const own = await ask({ personId: 'OFFICER-1', requestedBy: 'OFFICER-1' });
    expect(await ruleOf(decide(approveGrant, own, 'OFFICER-1'))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    await decide(approveGrant, own, 'CHIEF');
    expect(await use('OFFICER-1', DAY)).toBe('accepted');
  });

  test('a second time, and after the period', async () => {
    const grantId = await ask({ purpose: 'TWICE' });
    await decide(approveGrant, grantId, 'OFFICER-2');
    expect(await ruleOf(decide(approveGrant, grantId, 'CHIEF'))).toBe('CONFLICT');
    const short = await ask({ purpose: 'SHORT', validTo: '2026-11-10' });
    expect(await ruleOf(decide(approveGrant, short, 'CHIEF', '2026-11-11'))).toBe('CONFLICT');
  });

  test('once the requester or the person was withdrawn', async () => {
    await enter(db.vault, NOW, entry('OFFICER-3', { role: 'unitOfficer' }), entry('P-3'));
    const grantId = await ask({ personId: 'P-3', requestedBy: 'OFFICER-3' });
    await db.vault.transaction('tests', (tx) => revokeNow(tx, 'OFFICER-3', at(NOW)));
    expect(await ruleOf(decide(approveGrant, grantId, 'OFFICER-2'))).toBe('CONFLICT');
    const other = await ask({ personId: 'P-3' });
    await db.vault.transaction('tests', (tx) => revokeNow(tx, 'P-3', at(NOW)));
    expect(await ruleOf(decide(approveGrant, other, 'OFFICER-2'))).toBe('CONFLICT');
  });

  test('of two at once, the second waits for the first and finds it decided', async () => {
    const grantId = await ask({ purpose: 'RACE' });
    let second: Promise<string> | undefined;
    await db.vault.transaction('tests', async (tx) => {
      await approveGrant(tx, { grantId, by: 'OFFICER-2', day: DAY });
      second = ruleOf(decide(approveGrant, grantId, 'CHIEF'));
      await sleep(150);
    });
    expect(await second).toBe('CONFLICT');
    expect(await grantsFor(db.vault, 'P-1', 'RACE')).toMatchObject([{ approvedBy: 'OFFICER-2' }]);
  });
});

describe('the quarterly confirmation', () => {
  test('keeps a grant in force; without it, it is suspended and does not come back', async () => {
    await enter(db.vault, NOW, entry('P-5'));
    const confirmed = await grant(db.vault, 'P-5', DAY);
    const forgotten = await grant(db.vault, 'P-5', DAY, { purpose: 'DELINQUENCY' });
    const waiting = await grantsToConfirm(db.vault, '2027-01-01');
    expect(waiting.map(({ id }) => id)).toEqual(expect.arrayContaining([confirmed, forgotten]));
    await decide(confirmGrant, confirmed, 'OFFICER-1', '2027-01-15');
    expect((await grantsToConfirm(db.vault, '2027-01-15')).map(({ id }) => id)).not.toContain(confirmed);
    expect(await use('P-5', '2027-01-16')).toBe('accepted');
    expect(await use('P-5', '2027-01-16', 'DELINQUENCY')).toBe('FORBIDDEN_PURPOSE grant-unconfirmed');
    expect(await ruleOf(decide(confirmGrant, forgotten, 'OFFICER-1', '2027-01-16'))).toBe(
      'FORBIDDEN_PURPOSE grant-unconfirmed',
    );
  });

  test('is not for the holder nor for just anybody to give', async () => {
    const grantId = await grant(db.vault, 'P-5', DAY, { purpose: 'TRANSFER' });
    expect(await ruleOf(decide(confirmGrant, grantId, 'P-5'))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    expect(await ruleOf(decide(confirmGrant, grantId, 'P-1'))).toBe('FORBIDDEN_PURPOSE role');
    expect(await ruleOf(decide(confirmGrant, grantId, 'OFFICER-X'))).toBe('FORBIDDEN_PURPOSE role');
  });
});

test('a withdrawal needs one officer, of the unit, the audit or above, and holds at once', async () => {
  await enter(
    db.vault,
    NOW,
    entry('P-6'),
    entry('AUDITOR-GONE', { role: 'auditOfficer', employmentTo: '2026-11-01' }),
  );
  const [one, other] = [
    await grant(db.vault, 'P-6', DAY),
    await grant(db.vault, 'P-6', DAY, { purpose: 'TRANSFER' }),
  ];
  expect(await ruleOf(decide(withdrawGrant, one, 'P-6'))).toBe('FORBIDDEN_PURPOSE role');
  expect(await ruleOf(decide(withdrawGrant, one, 'AUDITOR-GONE'))).toBe('CONFLICT');
  await decide(withdrawGrant, one, 'AUDITOR');
  await decide(withdrawGrant, other, 'OFFICER-1');
  expect(await use('P-6', DAY)).toBe('FORBIDDEN_PURPOSE grant-missing');
  expect(await ruleOf(decide(withdrawGrant, one, 'AUDITOR'))).toBe('CONFLICT');
  expect(await ruleOf(decide(approveGrant, one, 'CHIEF'))).toBe('CONFLICT');
});

test('the last day of use is noted, and written once a day', async () => {
  await enter(db.vault, NOW, entry('P-7'));
  await grant(db.vault, 'P-7', DAY);
  const find = async () => (await grantsFor(db.vault, 'P-7', 'REFUND'))[0]!;
  await noteGrantUsed(db.vault, await find(), '2026-11-05');
  expect((await find()).lastUsedOn).toBe('2026-11-05');
  const closed = { run: () => Promise.reject(new Error('written again')) };
  await noteGrantUsed(closed, await find(), '2026-11-05');
  const listed = async (day: string) => (await unusedGrants(db.vault, day)).map(({ personId }) => personId);
  expect(await listed('2027-01-14')).not.toContain('P-7');
  await decide(confirmGrant, (await find()).id, 'OFFICER-1', '2027-01-10');
  expect(await listed('2027-02-02')).not.toContain('P-7');
  expect(await listed('2027-02-03')).toContain('P-7');
});

describe('who could see what on a day (閲覧可能者一覧)', () => {
  const today = '2026-12-20';
  const lines = async (day: string, asOf = today) =>
    (await accessOn(db.vault, day, asOf))
      .filter(({ unit }) => unit === 'report')
      .map(({ personId, purpose }) => `${personId} ${purpose}`);

  beforeAll(async () => {
    const unit = { unit: 'report' };
    await enter(db.vault, NOW, entry('R-OFFICER', { ...unit, role: 'unitOfficer' }));
    for (const id of ['R-1', 'R-2', 'R-3', 'R-4', 'R-5', 'R-6']) await enter(db.vault, NOW, entry(id, unit));
    const give = async (personId: string, purpose: string, approved = true) => {
      const id = await ask({ personId, purpose, requestedBy: 'R-OFFICER' });
      if (approved) await decide(approveGrant, id, 'CHIEF');
      return id;
    };
    await give('R-1', 'REFUND');
    await give('R-1', 'DELINQUENCY', false);
    const withdrawn = await give('R-2', 'REFUND');
    await decide(withdrawGrant, withdrawn, 'AUDITOR', '2026-11-10');
    await give('R-3', 'REFUND');
    await db.vault.transaction('tests', (tx) => revokeNow(tx, 'R-3', at('2026-11-11T00:00:00Z')));
    await give('R-4', 'REFUND');
    await enter(db.vault, NOW, entry('R-4', { ...unit, employmentTo: '2026-11-12' }));
    await give('R-5', 'REFUND');
    await db.vault.transaction('tests', (tx) => suspendGrantsOf(tx, 'R-5', '2026-11-13'));
    await give('R-6', 'REFUND');
    await enter(db.vault, NOW, entry('R-6', { ...unit, trainedOn: '2025-11-13' }));
  });

  test('names person, purpose, operations, period and both officers', async () => {
    const [line] = (await accessOn(db.vault, DAY, today)).filter(({ personId }) => personId === 'R-1');
    expect(line).toMatchObject({
      personId: 'R-1',
      unit: 'report',
      role: 'handler',
      purpose: 'REFUND',
      operations: ['reveal'],
      validFrom: DAY,
      validTo: '2027-11-01',
      requestedBy: 'R-OFFICER',
      approvedBy: 'CHIEF',
    });
  });

  test('each is listed through the last day on which there was a right', async () => {
    const all = ['R-1 REFUND', 'R-2 REFUND', 'R-3 REFUND', 'R-4 REFUND', 'R-5 REFUND', 'R-6 REFUND'];
    expect(await lines('2026-11-01')).toEqual([]);
    expect(await lines('2026-11-02')).toEqual(all);
    expect(await lines('2026-11-10')).toEqual(all);
    expect(await lines('2026-11-11')).toEqual(all.filter((line) => !line.startsWith('R-2')));
    expect(await lines('2026-11-12')).toEqual(['R-1', 'R-4', 'R-5', 'R-6'].map((id) => `${id} REFUND`));
    expect(await lines('2026-11-13')).toEqual(['R-1', 'R-5', 'R-6'].map((id) => `${id} REFUND`));
    expect(await lines('2026-11-14')).toEqual(['R-1 REFUND', 'R-6 REFUND']);
    expect(await lines('2026-11-15')).toEqual(['R-1 REFUND']);
    expect(await lines('2020-01-01')).toEqual([]);
  });

  test('overdue confirmations and unused grants of the past are left out, as the decision did', async () => {
    expect(await lines('2027-01-16', '2027-08-01')).toEqual([]);
    expect(await lines('2027-01-15', '2027-08-01')).toEqual(['R-1 REFUND']);
    const [refund] = await grantsFor(db.vault, 'R-1', 'REFUND');
    for (const day of ['2027-01-10', '2027-04-02']) await decide(confirmGrant, refund!.id, 'R-OFFICER', day);
    expect(await lines('2027-04-02', '2027-08-01')).toEqual(['R-1 REFUND']);
    expect(await lines('2027-05-01', '2027-08-01')).toEqual([]);
  });

  test('for today it is what the decision says, for everybody', async () => {
    const listed = new Set(
      (await accessOn(db.vault, DAY, DAY)).map((line) => `${line.personId} ${line.purpose}`),
    );
    for (const id of ['P-1', 'P-2', 'P-5', 'P-6', 'OFFICER-1', 'R-1', 'R-2', 'R-3', 'R-4', 'R-5', 'R-6']) {
      const person = await requirePerson(db.vault, id);
      const gone = person.revokedAt !== undefined;
      expect(listed.has(`${id} REFUND`)).toBe(!gone && (await use(id, DAY)) === 'accepted');
    }
  });
});

test('no grant is asked for or approved while no audit officer is employed (handbook 11 SM-01)', async () => {
  await enter(db.vault, NOW, entry('P-LAST'));
  const own = { personId: 'P-LAST', purpose: 'COUNTER', validFrom: '2026-12-01' };
  const asked = await ask(own);
  await enter(
    db.vault,
    NOW,
    entry('AUDITOR', { role: 'auditOfficer', unit: 'kansa', employmentTo: '2026-11-30' }),
  );
  expect(await ruleOf(ask(own, '2026-12-01'))).toBe('CONFLICT');
  expect(await ruleOf(decide(approveGrant, asked, 'CHIEF', '2026-12-01'))).toBe('CONFLICT');
  await decide(approveGrant, asked, 'CHIEF', '2026-11-30');
});
