import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installCredentials } from '../../../src/access/credential/install.js';
import { fromBase32, totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import type { Identity } from '../../../src/access/identity.js';
import { grantRole, revokeRole } from '../../../src/access/register/grants.js';
import { listGrants } from '../../../src/access/register/grants.store.js';
import {
  installBuiltInRoles,
  installRole,
  listDepartments,
  listRoles,
} from '../../../src/access/register/roles.store.js';
import {
  createStaff,
  moveDepartment,
  reactivateStaff,
  resetCredentials,
  revokeStaff,
  setEmploymentEnd,
  suspendStaff,
  type NewStaff,
} from '../../../src/access/register/staff.js';
import { accountNamed, listStaff } from '../../../src/access/register/staff.store.js';
import type { FunctionName } from '../../../src/access/functions.js';
import { BUILT_IN_ROLES } from '../../../src/access/roles.js';
import type { Session } from '../../../src/kernel/database/database.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { house, origin, overtaken, PASSWORD, TOTP_SECRET } from '../support/house.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
const identity: Identity = home.identity;
const TODAY = '2026-11-02';

afterAll(async () => {
  await identity.close();
  await home.audit.close();
});

const within = <T>(work: (tx: Session) => Promise<T>) => db.gateway.transaction('test', work);
const grant = (staffId: string, role: string, validFrom = TODAY, validTo?: string, actorId = 'installer') =>
  within((tx) => grantRole(tx, home.change('付与', actorId), staffId, { role, validFrom, validTo }));

async function rolesOn(staffId: string, day: string): Promise<readonly string[]> {
  const [found] = (await listStaff(db.gateway, { limit: 100 }, day)).filter((one) => one.staffId === staffId);
  return found?.roles ?? [];
}

const someone: NewStaff = {
  staffId: 'N001',
  personId: 'P-N001',
  name: '試験 太郎',
  kana: 'シケン タロウ',
  department: 'SHUNO',
  employmentFrom: '2026-04-01',
  employmentTo: undefined,
};

describe('roles', () => {
  test('the built-in roles are data, and installing them again changes nothing', async () => {
    await installBuiltInRoles(db.owner);
    const roles = await listRoles(db.gateway, TODAY);
    expect(roles.map(({ name }) => name)).toEqual(Object.keys(BUILT_IN_ROLES).toSorted());
    for (const { name, title, scope, functions, purposes } of roles) {
      const built = BUILT_IN_ROLES[name as keyof typeof BUILT_IN_ROLES];
      expect({ title, scope, functions, purposes }).toEqual({
        title: built.title,
        scope: built.scope,
        functions: [...built.functions].toSorted(),
        purposes: [...built.purposes].toSorted(),
      });
    }
  });

  test('hold nothing before the first day and nothing a role may not join', async () => {
    expect((await listRoles(db.gateway, '1999-12-31')).every(({ functions }) => functions.length === 0)).toBe(
      true,
    );
    await expect(
      installRole(
        db.owner,
        'all',
        { title: '全部', scope: 'municipality', purposes: [], functions: ['audit:read', 'ledger:read'] },
        TODAY,
      ),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('units are listed by code', async () => {
    expect(await listDepartments(db.gateway)).toEqual([
      { code: 'KANSA', name: '監査室', branchCode: undefined },
      { code: 'KITA', name: '北支所', branchCode: '01' },
      { code: 'SHUNO', name: '収納課', branchCode: undefined },
    ]);
  });
});

describe('accounts', () => {
  test('a new one is pending until its person enrols with the code: password, authenticator, active', async () => {
    const { enrolmentCode } = await within((tx) => createStaff(tx, home.change(), someone));
    expect(enrolmentCode).toMatch(/^([0-9a-f]{8}-){3}[0-9a-f]{8}$/);
    const proof = { staffId: 'N001', code: enrolmentCode };
    const totpOf = (secret: string) => {
      return totpCode(fromBase32(secret), totpStep(clock.now().epochMilliseconds));
    };
    await expect(
      identity.signIn({ staffId: 'N001', password: PASSWORD, totp: '000000' }, origin()),
    ).rejects.toMatchObject({ rule: 'pending' });
    await expect(identity.beginEnrolment({ ...proof, code: '00' }, origin())).rejects.toMatchObject({
      rule: 'badEnrolmentCode',
    });
    await expect(
      identity.finishEnrolment({ ...proof, password: PASSWORD, totp: '000000' }, origin()),
    ).rejects.toMatchObject({ rule: 'noCredential' });
    await identity.beginEnrolment(proof, origin());
    const { totpSecret, totpUri } = await identity.beginEnrolment(
      { staffId: 'N001', code: ` ${enrolmentCode.toUpperCase()} ` },
      origin(),
    );
    expect(totpUri).toContain(totpSecret);
    await expect(
      identity.finishEnrolment({ ...proof, password: 'password1', totp: totpOf(totpSecret) }, origin()),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(
      identity.finishEnrolment({ ...proof, password: PASSWORD, totp: '000000' }, origin()),
    ).rejects.toMatchObject({ rule: 'badSecondFactor' });
    await expect(
      identity.finishEnrolment({ ...proof, code: 'x', password: PASSWORD, totp: '000000' }, origin()),
    ).rejects.toMatchObject({ rule: 'badEnrolmentCode' });
    await expect(
      identity.finishEnrolment(
        { staffId: 'nobody', code: 'x', password: PASSWORD, totp: '000000' },
        origin(),
      ),
    ).rejects.toMatchObject({ rule: 'unknownAccount' });
    clock.forward({ minutes: 20 });
    await identity.finishEnrolment({ ...proof, password: PASSWORD, totp: totpOf(totpSecret) }, origin());
    await expect(identity.beginEnrolment(proof, origin())).rejects.toMatchObject({ rule: 'pending' });
    await expect(
      identity.signIn({ staffId: 'N001', password: PASSWORD, totp: totpOf(totpSecret) }, origin()),
    ).rejects.toMatchObject({ rule: 'replayedSecondFactor' });
    clock.forward({ seconds: 30 });
    await expect(
      identity.signIn({ staffId: 'N001', password: PASSWORD, totp: totpOf(totpSecret) }, origin()),
    ).resolves.toMatchObject({ staff: { staffId: 'N001' } });
  });

  test('a code is good for seven days and once, also of two at the same moment', async () => {
    const { enrolmentCode: code } = await within((tx) =>
      createStaff(tx, home.change(), { ...someone, staffId: 'N002', personId: 'P-N002' }),
    );
    const before = clock.now();
    clock.forward({ hours: 7 * 24 });
    await expect(identity.beginEnrolment({ staffId: 'N002', code }, origin())).rejects.toMatchObject({
      rule: 'badEnrolmentCode',
    });
    clock.set(before.toString());
    await identity.beginEnrolment({ staffId: 'N002', code }, origin());
    const rows = await db.owner.run(
      'test',
      ({ raw }) => raw`select from access.enrolment e where e::text like ${`%${code}%`}`,
    );
    expect(rows).toHaveLength(0);
  });

  test('an enrolment finished elsewhere at the same moment is told so, and sets nothing', async () => {
    const create = { ...someone, staffId: 'N005', personId: 'P-N005' };
    const { enrolmentCode: code } = await within((tx) => createStaff(tx, home.change(), create));
    const { totpSecret } = await identity.beginEnrolment({ staffId: 'N005', code }, origin());
    const totp = totpCode(fromBase32(totpSecret), totpStep(clock.now().epochMilliseconds));
    await overtaken(db, `update access.enrolment set ended_at = now() where staff_id = 'N005'`, () =>
      expect(
        identity.finishEnrolment({ staffId: 'N005', code, password: PASSWORD, totp }, origin()),
      ).rejects.toMatchObject({ code: 'CONFLICT' }),
    );
    expect(await accountNamed(db.gateway, 'N005')).toMatchObject({ state: 'pending' });
  });

  test('one that is posted to no unit today signs in without a department and without roles', async () => {
    const later = { ...someone, staffId: 'N006', personId: 'P-N006', employmentFrom: '2027-04-01' };
    await within(async (tx) => {
      await createStaff(tx, home.change(), later);
      const given = { password: PASSWORD, totpSecret: TOTP_SECRET };
      await installCredentials(tx, home.settings, 'N006', given, clock.now());
    });
    await db.owner.run(
      'test',
      ({ raw }) => raw`update access.staff set employment_from = '2026-04-01' where staff_id = 'N006'`,
    );
    const signedIn = await identity.signIn(
      { staffId: 'N006', password: PASSWORD, totp: home.code() },
      origin(),
    );
    expect(signedIn.staff).toMatchObject({ department: '', roles: [] });
  });

  test('an id is never used again, nor an odd one, nor a unit that is not there', async () => {
    const create = (changed: Partial<NewStaff>) =>
      within((tx) => createStaff(tx, home.change(), { ...someone, ...changed }));
    await expect(create({})).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(create({ staffId: 'あ' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    for (const field of ['staffId', 'personId', 'name', 'kana'])
      await expect(create({ [field]: 'P-123456789018' })).rejects.toMatchObject({
        code: 'BAD_INPUT',
        facts: { field },
      });
    await expect(create({ staffId: 'N003', department: 'NONE' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(create({ staffId: 'N003', employmentTo: '2026-03-31' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await expect(create({ staffId: 'N003', employmentFrom: '2026-13-01' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await expect(accountNamed(db.gateway, 'N003')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an end of employment that was set can be taken away again', async () => {
    await home.staff('A004');
    await within((tx) => setEmploymentEnd(tx, home.change(), 'A004', '2027-03-31'));
    expect(await accountNamed(db.gateway, 'A004')).toMatchObject({ employmentTo: '2027-03-31' });
    await within((tx) => setEmploymentEnd(tx, home.change('延長'), 'A004', undefined));
    expect(await accountNamed(db.gateway, 'A004')).toMatchObject({ employmentTo: undefined });
  });

  test('revoked is final: nothing of the account works or comes back, not even by the owner', async () => {
    await home.staff('A001', ['collectionClerk']);
    await within((tx) => revokeStaff(tx, home.change('退職'), 'A001'));
    for (const change of [suspendStaff, reactivateStaff, revokeStaff, resetCredentials]) {
      await expect(
        within((tx) => change(tx, home.change(), 'A001') as Promise<unknown>),
      ).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    await expect(grant('A001', 'collectionClerk')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await rolesOn('A001', TODAY)).toEqual([]);
    await expect(
      db.owner.run(
        'test',
        ({ raw }) => raw`update access.staff set state = 'active' where staff_id = 'A001'`,
      ),
    ).rejects.toMatchObject({ facts: { sqlstate: '23001' } });
    const events = await db.owner.run(
      'test',
      ({ raw }) => raw<{ kind: string; reason: string; actor_id: string }[]>`
      select e.kind, e.reason, c.actor_id from access.staff_event e join records.change c on c.id = e.change_id
      where staff_id = 'A001' order by e.id`,
    );
    expect(events.map(({ kind }) => kind)).toEqual(['created', 'roleGranted', 'revoked']);
    expect(events.at(-1)).toMatchObject({ reason: '退職', actor_id: 'installer' });
  });

  test('nobody changes his own account or rights, neither by a second account of his', async () => {
    await home.staff('B001', ['accessAdministrator']);
    await within((tx) => createStaff(tx, home.change(), { ...someone, staffId: 'B002', personId: 'P-B001' }));
    const dual: unknown = expect.objectContaining({ code: 'DUAL_CONTROL_REQUIRED' });
    const own = home.change('自分', 'B001');
    for (const staffId of ['B001', 'B002']) {
      await expect(grant(staffId, 'auditor', TODAY, undefined, 'B001')).rejects.toEqual(dual);
      for (const change of [suspendStaff, reactivateStaff, revokeStaff, resetCredentials]) {
        await expect(within((tx) => change(tx, own, staffId) as Promise<unknown>)).rejects.toEqual(dual);
      }
      await expect(within((tx) => setEmploymentEnd(tx, own, staffId, undefined))).rejects.toEqual(dual);
    }
    await expect(
      within((tx) => createStaff(tx, own, { ...someone, staffId: 'B003', personId: 'P-B001' })),
    ).rejects.toEqual(dual);
    await expect(grant('N001', 'collectionClerk', TODAY, undefined, 'B001')).resolves.toBeTypeOf('bigint');
  });

  test('suspended and reactivated keeps its credentials; reset waits for enrolment', async () => {
    await home.staff('A002');
    await within((tx) => suspendStaff(tx, home.change(), 'A002'));
    await within((tx) => reactivateStaff(tx, home.change(), 'A002'));
    expect(await accountNamed(db.gateway, 'A002')).toMatchObject({ state: 'active' });
    await within((tx) => suspendStaff(tx, home.change(), 'A002'));
    await within((tx) => resetCredentials(tx, home.change(), 'A002'));
    expect(await accountNamed(db.gateway, 'A002')).toMatchObject({ state: 'suspended' });
    await within((tx) => reactivateStaff(tx, home.change(), 'A002'));
    expect(await accountNamed(db.gateway, 'A002')).toMatchObject({ state: 'pending' });
    await home.staff('A003');
    await within((tx) => resetCredentials(tx, home.change(), 'A003'));
    expect(await accountNamed(db.gateway, 'A003')).toMatchObject({ state: 'pending' });
  });

  test('are listed by unit, state and page', async () => {
    const all = await listStaff(db.gateway, { limit: 100 }, TODAY);
    expect(all.map(({ staffId }) => staffId)).toEqual(all.map(({ staffId }) => staffId).toSorted());
    const [first] = await listStaff(db.gateway, { limit: 1 }, TODAY);
    const [second] = await listStaff(db.gateway, { limit: 1, after: String(first?.staffId) }, TODAY);
    expect(second?.staffId).toBe(all[1]?.staffId);
    expect(
      (await listStaff(db.gateway, { limit: 100, state: 'revoked' }, TODAY)).map(({ staffId }) => staffId),
    ).toEqual(['A001']);
    expect(await listStaff(db.gateway, { limit: 100, department: 'KITA' }, TODAY)).toEqual([]);
  });
});

describe('grants', () => {
  beforeAll(() => clock.set('2026-11-02T00:00:00Z'));

  test('hold on their days, both inclusive, and carry who gave them', async () => {
    await home.staff('G001');
    await grant('G001', 'collectionClerk', '2026-12-01', '2026-12-31');
    const days = ['2026-11-30', '2026-12-01', '2026-12-31', '2027-01-01'];
    expect(await Promise.all(days.map((day) => rolesOn('G001', day)))).toEqual([
      [],
      ['collectionClerk'],
      ['collectionClerk'],
      [],
    ]);
    expect(await listGrants(db.gateway, 'G001')).toMatchObject([
      { role: 'collectionClerk', department: 'SHUNO', grantedBy: 'installer', revokedOn: undefined },
    ]);
  });

  test('are taken back from a day on, once', async () => {
    await home.staff('G002');
    const id = await grant('G002', 'collectionClerk');
    const revoke = (day: string) => within((tx) => revokeRole(tx, home.change('取消'), id, day));
    await expect(revoke('2026-11-01')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await revoke('2026-11-20');
    await expect(revoke('2026-11-20')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect([await rolesOn('G002', '2026-11-19'), await rolesOn('G002', '2026-11-20')]).toEqual([
      ['collectionClerk'],
      [],
    ]);
    await revoke(TODAY);
    expect(await rolesOn('G002', TODAY)).toEqual([]);
    expect((await listGrants(db.gateway, 'G002'))[0]?.revokedOn).toBe(TODAY);
    await expect(within((tx) => revokeRole(tx, home.change(), 999_999n, TODAY))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('for the past, of no length, of no role, for no unit are refused', async () => {
    await home.staff('G003');
    await expect(grant('G003', 'collectionClerk', '2026-11-01')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(grant('G003', 'collectionClerk', '2026-11-03', '2026-11-02')).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await expect(grant('G003', 'mayor')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(grant('nobody', 'collectionClerk')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await within((tx) =>
      createStaff(tx, home.change(), {
        ...someone,
        staffId: 'G004',
        personId: 'P-G004',
        employmentFrom: '2027-04-01',
      }),
    );
    await expect(grant('G004', 'collectionClerk')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('that must be separate are refused where their days meet, over all accounts of a person', async () => {
    await home.staff('G010');
    await within((tx) => createStaff(tx, home.change(), { ...someone, staffId: 'G011', personId: 'P-G010' }));
    await grant('G010', 'collectionClerk', TODAY, '2026-12-31');
    await expect(grant('G010', 'accessAdministrator')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(grant('G011', 'auditor', '2026-12-31')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(grant('G011', 'auditor', '2027-01-01')).resolves.toBeTypeOf('bigint');
    await expect(grant('G010', 'refundOfficer', '2026-12-01')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(grant('G010', 'refundOfficer', '2026-12-01', '2026-12-31')).resolves.toBeTypeOf('bigint');
  });

  test('that were taken back do not stand in the way', async () => {
    await home.staff('G012');
    const id = await grant('G012', 'collectionClerk');
    await within((tx) => revokeRole(tx, home.change(), id, '2026-11-10'));
    await expect(grant('G012', 'auditor', '2026-11-09')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(grant('G012', 'auditor', '2026-11-10')).resolves.toBeTypeOf('bigint');
  });

  test('given at the same moment cannot overlook each other', async () => {
    await home.staff('G013');
    const outcomes = await Promise.allSettled([
      grant('G013', 'auditor'),
      grant('G013', 'collectionClerk'),
      grant('G013', 'accessAdministrator'),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('movers, handbook 15 §6.2', () => {
  test('lose every grant of the old unit on the day of the move; coming back revives none', async () => {
    await home.staff('M001', ['collectionClerk']);
    await within((tx) =>
      moveDepartment(tx, home.change('異動'), 'M001', {
        department: 'KITA',
        validFrom: '2026-12-01',
        handoverTo: undefined,
      }),
    );
    await grant('M001', 'branchClerk', '2026-12-01');
    expect([await rolesOn('M001', '2026-11-30'), await rolesOn('M001', '2026-12-01')]).toEqual([
      ['collectionClerk'],
      ['branchClerk'],
    ]);
    await within((tx) =>
      moveDepartment(tx, home.change(), 'M001', {
        department: 'SHUNO',
        validFrom: '2027-01-01',
        handoverTo: undefined,
      }),
    );
    expect(await rolesOn('M001', '2027-01-01')).toEqual([]);
  });

  test('keep them through an approved handover of at most 14 days', async () => {
    await home.staff('M002', ['collectionClerk']);
    const move = (handoverTo: string) =>
      within((tx) =>
        moveDepartment(tx, home.change(), 'M002', {
          department: 'KITA',
          validFrom: '2026-12-01',
          handoverTo,
        }),
      );
    await expect(move('2026-12-15')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(move('2026-11-30')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await move('2026-12-14');
    expect([await rolesOn('M002', '2026-12-14'), await rolesOn('M002', '2026-12-15')]).toEqual([
      ['collectionClerk'],
      [],
    ]);
    const [view] = (await listStaff(db.gateway, { limit: 100, department: 'KITA' }, '2026-12-10')).filter(
      ({ staffId }) => staffId === 'M002',
    );
    expect(view).toMatchObject({ department: 'KITA' });
  });

  test('roles of a branch and of the whole municipality are there to be combined', async () => {
    const install = (name: string, scope: 'branch' | 'municipality', functions: FunctionName[]) =>
      installRole(db.owner, name, { title: name, scope, purposes: [], functions }, '2020-04-01');
    await install('townBlind', 'municipality', ['ledger:read']);
    await install('townReader', 'municipality', ['addressee:read']);
    await install('townFormerReader', 'municipality', ['addressee:read']);
    await install('branchBlind', 'branch', ['ledger:read']);
    const ended = await db.owner.run(
      'test',
      ({ raw }) => raw`
      update access.role_function set valid_to = ${plainDate(TODAY).subtract({ days: 1 }).toString()}
      where role = 'townFormerReader' returning 1`,
    );
    expect(ended).toHaveLength(1);
  });

  test.each([
    ['M003', '01', ['branchClerk']],
    ['M004', '01', ['branchClerk', 'townBlind']],
    ['M005', undefined, ['branchClerk', 'townReader']],
    ['M006', '01', ['branchClerk', 'townFormerReader']],
    ['M007', undefined, ['townBlind']],
    ['M008', '01', ['branchBlind', 'townBlind']],
    ['M009', undefined, []],
  ])('%s in a branch is limited to branch %s by the roles %j', async (staffId, branchCode, roles) => {
    await home.staff(staffId, roles, 'KITA');
    const signedIn = await identity.signIn({ staffId, password: PASSWORD, totp: home.code() }, origin());
    const caller = await identity.authenticate(`Bearer ${signedIn.accessToken}`, 'T-0417');
    expect(caller).toMatchObject({ department: 'KITA' });
    expect(caller.branchCode).toBe(branchCode);
  });
});
