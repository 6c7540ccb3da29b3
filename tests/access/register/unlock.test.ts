import { afterAll, describe, expect, test } from 'vitest';
import { suspendStaff, revokeStaff } from '../../../src/access/register/staff.js';
import { accountNamed } from '../../../src/access/register/staff.store.js';
import { unlockStaff } from '../../../src/access/register/unlock.js';
import {
  LOCKOUT_CONSECUTIVE_FAILURES_MAX,
  LOCKOUT_DAY_FAILURES_MAX,
  LOCKOUT_SHORT_FAILURES_MAX,
} from '../../../src/kernel/limits.js';
import { openAuditLog } from '../../../src/audit/log.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { auditEntries, house, origin, PASSWORD } from '../support/house.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
const audit = openAuditLog(db.owner);
const { identity } = home;

afterAll(async () => {
  await identity.close();
  await home.audit.close();
  await audit.close();
});

const unlock = (staffId: string) => unlockStaff(db.owner, audit, clock, staffId);
const state = async (staffId: string) => (await accountNamed(db.owner, staffId)).state;

async function signIn(staffId: string): Promise<unknown> {
  clock.forward({ seconds: 60 });
  return identity.signIn({ staffId, password: PASSWORD, totp: home.code() }, origin());
}

/** Writes failed tries a second apart, as the door does. */
async function fail(staffId: string, times: number): Promise<void> {
  await db.owner.run(
    'test.fail',
    ({ raw }) => raw`
    insert into access.sign_in_event (staff_id, kind, at)
    select ${staffId}, 'started', ${clock.now().toString()}::timestamptz - n * interval '1 second'
    from generate_series(1, ${times}) n`,
  );
}

async function events(staffId: string): Promise<unknown[]> {
  const rows = await db.owner.run(
    'test.events',
    ({ raw }) => raw`
    select e.kind, e.reason, c.actor_id, c.request_id from access.staff_event e
    join records.change c on c.id = e.change_id where e.staff_id = ${staffId} and e.reason = '緊急解除' order by e.id`,
  );
  return [...rows];
}

describe('unlocking from the console', () => {
  test('lets a suspended administrator in again, and the auditors see it', async () => {
    await home.staff('U001', ['accessAdministrator']);
    await fail('U001', LOCKOUT_DAY_FAILURES_MAX);
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'U001'));
    await expect(signIn('U001')).rejects.toMatchObject({ rule: 'suspended' });
    expect(await unlock('U001')).toBeUndefined();
    expect(await state('U001')).toBe('active');
    await expect(signIn('U001')).resolves.toBeDefined();
    const [event] = await events('U001');
    expect(event).toMatchObject({ kind: 'reactivated', actor_id: 'system' });
    const [line] = await auditEntries(db, 'Staff.unlock');
    expect(line).toMatchObject({
      kind: 'staffChange',
      actorId: 'system',
      terminal: 'console',
      requestId: (event as { request_id: string }).request_id,
      entries: [{ decision: 'allow', reason: '緊急解除', raised: true, rows: 1 }],
    });
  });

  test('clears the lock of an active account', async () => {
    await home.staff('U002');
    await fail('U002', LOCKOUT_SHORT_FAILURES_MAX);
    await expect(signIn('U002')).rejects.toMatchObject({ rule: 'locked' });
    expect(await unlock('U002')).toBeUndefined();
    expect(await events('U002')).toMatchObject([{ kind: 'unlocked', actor_id: 'system' }]);
    await expect(signIn('U002')).resolves.toBeDefined();
  });

  test('gives an account that a hundred failures stopped a code for new credentials', async () => {
    await home.staff('U003');
    await fail('U003', LOCKOUT_CONSECUTIVE_FAILURES_MAX);
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'U003'));
    expect(await unlock('U003')).toMatch(/^[0-9a-f-]{35}$/);
    expect(await state('U003')).toBe('pending');
    expect(await events('U003')).toMatchObject([{ kind: 'reactivated' }, { kind: 'credentialsReset' }]);
  });

  test('refuses who is not there, revoked, or neither suspended nor locked', async () => {
    await home.staff('U004');
    await expect(unlock('U004')).rejects.toMatchObject({ code: 'CONFLICT' });
    await db.gateway.transaction('test', (tx) => revokeStaff(tx, home.change(), 'U004'));
    await expect(unlock('U004')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(unlock('U999')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await state('U004')).toBe('revoked');
  });

  test('changes nothing when the log does not take the entry', async () => {
    await home.staff('U005');
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'U005'));
    const broken = { appendIn: () => Promise.reject(new Error('no log')) };
    await expect(unlockStaff(db.owner, broken, clock, 'U005')).rejects.toThrow('no log');
    expect(await state('U005')).toBe('suspended');
    expect(await events('U005')).toEqual([]);
  });
});
