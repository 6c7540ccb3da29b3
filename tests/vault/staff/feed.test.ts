import fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { isClosedDay } from '../../../src/kernel/closedDays.js';
import { plainDate, Temporal } from '../../../src/kernel/dates.js';
import { PERSONNEL_FEED_PEOPLE_MAX } from '../../../src/kernel/limits.js';
import { insertHolidays } from '../../../src/vault/evidence/incident/incident.store.js';
import { approveGrant, requestGrant } from '../../../src/vault/grant/change.js';
import { allGrants } from '../../../src/vault/grant/grant.store.js';
import { raiseAlarms } from '../../../src/vault/housekeeping.js';
import { feedAlarms, feedStanding, feedStandingOn } from '../../../src/vault/staff/feedStanding.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { findPerson } from '../../../src/vault/staff/staff.store.js';
import { staffAdministration } from '../../../src/vault/staffAdministration.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { at, enterOfficers, entry, grant, ruleOf } from './support/register.js';

const HOLIDAYS = new Set(['2026-11-03', '2026-11-23']);
const { vault: database, shred, owner } = await testVaultDatabases();
const set = { at: '2026-11-02T03:00:00Z' };
const clock = { now: () => Temporal.Instant.from(set.at) };
const clockGuard = { fault: undefined, assertTrusted: () => undefined, accept: () => undefined };
const context = { database, shred, clock, clockGuard, audit: openAuditLog(database) };
const handlers = staffAdministration({ ...context, seal: undefined, municipality: '992011' } as never);
const feed = async (asOf: string, ...people: readonly object[]) =>
  handlers['staff.feed']!({ asOf, people }, 'hanako');
const codeOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => 'taken',
    ({ code, facts }: { code: string; facts?: { field?: string } }) => `${code} ${facts?.field ?? ''}`.trim(),
  );
const noon = (day: string) => (set.at = `${day}T03:00:00Z`);
const raised = async () => {
  const rows = await owner.vault.run(
    'test.raised',
    ({ raw }) => raw<{ coordinate: string; reason: string }[]>`
    select coordinate, reason from audit.entry where coordinate like 'Alarm.personnel%' and raised order by sequence`,
  );
  return rows.map(({ coordinate, reason }) => `${coordinate} ${reason}`);
};
const logger = { warn: vi.fn<() => void>(), error: vi.fn<() => void>() };

describe('the days without a feed', () => {
  // Monday 2 November 2026; Tuesday is a holiday (文化の日).
  test.each([
    ['2026-11-02', 'current'],
    ['2026-11-06', 'current'],
    ['2026-11-07', 'late'],
    ['2026-11-10', 'late'],
    ['2026-11-11', 'stopped'],
    ['2027-11-11', 'stopped'],
  ])('on %s it is %s', (day, state) => {
    expect(feedStanding('2026-11-02', HOLIDAYS, day)).toEqual({
      state,
      asOf: '2026-11-02',
      stopsOn: '2026-11-11',
    });
  });

  it('are counted from the first feed on', () => {
    expect(feedStanding(undefined, HOLIDAYS, '2026-11-11')).toEqual({ state: 'never' });
  });

  it('are the working days that are over, whatever the calendar', () => {
    const day = fc.integer({ min: 0, max: 400 }).map((n) => plainDate('2026-04-01').add({ days: n }));
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 30 }), (asOf, later) => {
        const on = asOf.add({ days: later });
        const over = Array.from({ length: Math.max(0, later - 1) }, (_, n) => asOf.add({ days: n + 1 }));
        const working = over.filter((each) => !isClosedDay(each, HOLIDAYS)).length;
        const expected = working >= 5 ? 'stopped' : working >= 3 ? 'late' : 'current';
        expect(feedStanding(asOf.toString(), HOLIDAYS, on.toString()).state).toBe(expected);
      }),
    );
  });
});

describe('a vault that was never fed', () => {
  it('is at work, and raises it once somebody has a grant', async () => {
    await enterOfficers(database, set.at);
    await handlers['staff.person']!(entry('P-1') as never, 'hanako');
    expect(await feedStandingOn(database, '2026-11-02')).toEqual({ state: 'never' });
    expect(await feedAlarms(context)).toEqual([]);
    await grant(database, 'P-1', '2026-11-02');
    for (let round = 0; round < 2; round += 1) await raiseAlarms(context, logger);
    expect(await raised()).toEqual(['Alarm.personnelFeedNever grantsInForce']);
  });
});

describe('a feed', () => {
  it('enters whom it names, and each is in the log beside its arrival', async () => {
    await database.transaction('tests.holidays', (tx) =>
      insertHolidays(tx, [{ day: '2026-11-03', name: '文化の日' }]),
    );
    const moved = entry('P-1', { unit: 'shimin' });
    const [withdrawn] = await allGrants(database);
    expect(await feed('2026-11-02', moved, entry('P-2'))).toEqual({
      asOf: '2026-11-02',
      people: 2,
      created: 1,
      withdrawnGrants: [String(withdrawn?.id)],
      leftAside: [],
    });
    const rows = await owner.vault.run(
      'test.entries',
      ({ raw }) => raw<{ coordinate: string; reason: string; actor_id: string }[]>`
      select coordinate, reason, actor_id from audit.entry where kind = 'staffChange' and raised
      order by sequence desc limit 3`,
    );
    expect(rows.map(({ coordinate, reason }) => `${coordinate} ${reason}`)).toEqual([
      'Vault.staff.person of:P-2',
      'Vault.staff.person of:P-1',
      'Vault.staff.feed of:2026-11-02:people:2',
    ]);
    const [kept] = await owner.vault.run(
      'test.feed',
      ({ raw }) => raw<object[]>`select as_of::text, people, received_by from vault.personnel_feed`,
    );
    expect(kept).toEqual({ as_of: '2026-11-02', people: 2, received_by: 'operator:hanako' });
  });

  it('that names nobody is an arrival all the same', async () => {
    noon('2026-11-04');
    expect(await feed('2026-11-04')).toMatchObject({ people: 0, created: 0 });
    expect(await feedStandingOn(database, '2026-11-04')).toMatchObject({
      state: 'current',
      asOf: '2026-11-04',
    });
  });

  it('leaves aside who was withdrawn here, and takes the others', async () => {
    await database.transaction('tests.revoke', (tx) => revokeNow(tx, 'P-2', at(set.at)));
    const taken = await feed('2026-11-04', entry('P-2', { unit: 'other' }), entry('P-3'));
    expect(taken).toMatchObject({ people: 2, created: 1, leftAside: ['P-2'] });
    expect((await findPerson(database, 'P-2'))?.unit).toBe('nozei');
  });

  test.each([
    ['of tomorrow', '2026-11-05', [], 'BAD_INPUT asOf'],
    ['older than the last', '2026-11-03', [], 'CONFLICT'],
    ['that names somebody twice', '2026-11-04', [entry('P-4'), entry('P-4')], 'BAD_INPUT people'],
    [
      'with a defect',
      '2026-11-04',
      [entry('P-4'), entry('P-5', { employmentTo: '2019-01-01' })],
      'BAD_INPUT employmentTo',
    ],
    ['in another form', '2026-11-04', [{ personId: 'P-4' }], 'BAD_INPUT'],
  ])('%s is refused whole', async (_, asOf, people, code) => {
    expect(await codeOf(feed(asOf, ...people))).toBe(code);
    expect(await findPerson(database, 'P-4')).toBeUndefined();
  });

  it('is of so many people at most', async () => {
    const people = Array.from({ length: PERSONNEL_FEED_PEOPLE_MAX + 1 }, (_, n) => entry(`N-${n}`));
    expect(await codeOf(feed('2026-11-04', ...people))).toBe('BAD_INPUT');
    expect(await feed('2026-11-04', ...people.slice(1))).toMatchObject({
      created: PERSONNEL_FEED_PEOPLE_MAX,
    });
  });
});

describe('a feed that does not arrive', () => {
  const ask = (day: string) =>
    database.transaction('tests.ask', (tx) =>
      requestGrant(
        tx,
        {
          personId: 'P-3',
          purpose: 'REFUND',
          operations: ['reveal'],
          validFrom: day,
          validTo: '2027-03-31',
          requestedBy: 'OFFICER-1',
        },
        day,
      ),
    );
  const approve = (grantId: bigint, day: string) =>
    database.transaction('tests.approve', (tx) => approveGrant(tx, { grantId, by: 'OFFICER-2', day }));

  it('is raised after three working days, once a day, and stops new grants after five', async () => {
    // Of Wednesday 4 November: Thursday, Friday, Monday are over on the tenth, Tuesday and Wednesday on the twelfth.
    noon('2026-11-09');
    expect(await feedAlarms(context)).toEqual([]);
    noon('2026-11-10');
    for (let round = 0; round < 2; round += 1) await raiseAlarms(context, logger);
    const before = await ask('2026-11-11');
    noon('2026-11-12');
    await raiseAlarms(context, logger);
    expect((await raised()).slice(1)).toEqual([
      'Alarm.personnelFeedLate asOf:2026-11-04',
      'Alarm.personnelFeedStopped asOf:2026-11-04',
    ]);
    expect(await ruleOf(ask('2026-11-12'))).toBe('CONFLICT personnel-feed');
    expect(await ruleOf(approve(before, '2026-11-12'))).toBe('CONFLICT personnel-feed');
    await feed('2026-11-12');
    await approve(before, '2026-11-12');
    expect(await ruleOf(ask('2026-11-12'))).toBe('accepted');
    expect(await feedAlarms(context)).toEqual([]);
  });

  it('is one of last week, too', async () => {
    noon('2026-11-20');
    await feed('2026-11-12');
    expect(await feedStandingOn(database, '2026-11-20')).toMatchObject({
      state: 'stopped',
      asOf: '2026-11-12',
    });
  });
});
