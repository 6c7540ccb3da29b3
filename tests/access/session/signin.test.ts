import { afterAll, describe, expect, test } from 'vitest';
import { passwordVerifier } from '../../../src/access/credential/password.js';
import { replaceCredential } from '../../../src/access/credential/credential.store.js';
import { openIdentity } from '../../../src/access/identity.js';
import {
  reactivateStaff,
  resetCredentials,
  revokeStaff,
  suspendStaff,
  setEmploymentEnd,
} from '../../../src/access/register/staff.js';
import { findAccount } from '../../../src/access/register/staff.store.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { auditEntries, house, origin, PASSWORD } from '../support/house.js';
import { FAST_ARGON2 } from '../support/settings.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
const { identity } = home;

afterAll(async () => {
  await identity.close();
  await home.audit.close();
});

let addresses = 0;
/** Each try from an address of its own, so that only the account's own rules speak. */
const elsewhere = () => origin({ address: `10.9.${addresses >> 8}.${addresses++ & 255}` });

async function signIn(staffId: string, changed: { password?: string; totp?: string } = {}) {
  clock.forward({ seconds: 30 });
  return identity.signIn({ staffId, password: PASSWORD, totp: home.code(), ...changed }, elsewhere());
}

async function lastRule(staffId: string): Promise<string> {
  const all = await auditEntries(db, 'Session.open');
  return String(
    all.filter(({ actorId, kind }) => actorId === staffId && kind === 'signInFailure').at(-1)?.entries[0]
      ?.reason,
  );
}

const refusal: unknown = expect.objectContaining({
  code: 'UNAUTHENTICATED',
  message: 'The credential is missing, wrong, expired or not accepted. Sign in again.',
});

describe('sign-in', () => {
  test('with password and code opens a session, and the log has it', async () => {
    await home.staff('S100', ['collectionClerk', 'refundOfficer']);
    const signedIn = await signIn('S100');
    expect(signedIn).toMatchObject({
      expiresIn: 300,
      staff: { staffId: 'S100', department: 'SHUNO', roles: ['collectionClerk', 'refundOfficer'] },
    });
    const caller = await identity.authenticate(`Bearer ${signedIn.accessToken}`, 'T-0417');
    expect(caller).toMatchObject({
      actorId: 'S100',
      kind: 'staff',
      terminal: 'T-0417',
      strength: 'password+totp',
      clientApp: 'shuno-front',
      branchCode: undefined,
    });
    expect([...caller.purposes].toSorted()).toEqual(['COLLECTION', 'REFUND']);
    expect(caller.functions.has('refund:propose')).toBe(true);
    expect(caller.functions.has('refund:decide')).toBe(false);
    expect(
      (await auditEntries(db, 'Session.open')).filter(({ actorId }) => actorId === 'S100'),
    ).toMatchObject([
      {
        kind: 'signIn',
        sessionId: caller.sessionId,
        terminal: 'T-0417',
        roles: ['collectionClerk', 'refundOfficer'],
        entries: [{ decision: 'allow', rows: 1 }],
      },
    ]);
  });

  test('answers one sentence whatever the reason; the log names the rule', async () => {
    await home.staff('S110');
    await home.staff('S111');
    await home.staff('S112');
    await db.gateway.transaction('test', (tx) => revokeStaff(tx, home.change(), 'S111'));
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'S112'));
    await expect(signIn('nobody')).rejects.toEqual(refusal);
    await expect(signIn('不明')).rejects.toEqual(refusal);
    await expect(signIn('S110', { password: 'wrong-password' })).rejects.toEqual(refusal);
    expect(await lastRule('S110')).toMatch(/^badPassword from 10\.9\./);
    await expect(signIn('S110', { totp: '000000' })).rejects.toEqual(refusal);
    expect(await lastRule('S110')).toMatch(/^badSecondFactor /);
    await expect(signIn('S111')).rejects.toEqual(refusal);
    expect(await lastRule('S111')).toMatch(/^revoked /);
    await expect(signIn('S112')).rejects.toEqual(refusal);
    expect(await lastRule('S112')).toMatch(/^suspended /);
    expect(JSON.stringify(await auditEntries(db, 'Session.open'))).not.toMatch(/nobody|不明|wrong-password/);
  });

  test('is refused without credentials and outside of employment', async () => {
    await home.staff('S115');
    await db.owner.run(
      'test',
      ({ raw }) =>
        raw`update access.credential set state = 'ended' where staff_id = 'S115' and kind = 'totp'`,
    );
    await expect(signIn('S115')).rejects.toEqual(refusal);
    expect(await lastRule('S115')).toMatch(/^noCredential /);
    await db.owner.run(
      'test',
      ({ raw }) =>
        raw`update access.credential set state = 'ended' where staff_id = 'S115' and state = 'active'`,
    );
    await expect(signIn('S115')).rejects.toEqual(refusal);
    expect(await lastRule('S115')).toMatch(/^noCredential /);
    await home.staff('S116');
    await db.gateway.transaction('test', (tx) => setEmploymentEnd(tx, home.change(), 'S116', '2026-10-31'));
    await expect(signIn('S116')).rejects.toEqual(refusal);
    expect(await lastRule('S116')).toMatch(/^notEmployed /);
  });

  test('an over-long password is refused before it costs anything', async () => {
    await expect(signIn('S100', { password: 'x'.repeat(2_000) })).rejects.toEqual(refusal);
  });

  test('a code is accepted once: presented again, in the next step, it is refused', async () => {
    await home.staff('S120');
    clock.forward({ seconds: 60 });
    const totp = home.code();
    await identity.signIn({ staffId: 'S120', password: PASSWORD, totp }, elsewhere());
    clock.forward({ seconds: 16 });
    await expect(identity.signIn({ staffId: 'S120', password: PASSWORD, totp }, elsewhere())).rejects.toEqual(
      refusal,
    );
    expect(await lastRule('S120')).toMatch(/^replayedSecondFactor /);
  });

  test('one code sent ten times at once opens one session', async () => {
    await home.staff('S121');
    clock.forward({ seconds: 60 });
    const totp = home.code();
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        identity.signIn({ staffId: 'S121', password: PASSWORD, totp }, elsewhere()),
      ),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a verifier of former cost is made anew at a sign-in and still fits', async () => {
    await home.staff('S125');
    const old = await passwordVerifier(PASSWORD, home.settings.pepper, { ...FAST_ARGON2, passes: 2 });
    await db.gateway.transaction('test', (tx) =>
      replaceCredential(tx, 'S125', 'password', 'active', old, clock.now().toString()),
    );
    await signIn('S125');
    const [row] = await db.owner.run(
      'test',
      ({ raw }) => raw<{ parameters: string }[]>`
      select parameters from access.credential where staff_id = 'S125' and kind = 'password' and state = 'active'`,
    );
    expect(row?.parameters).toContain('t=1');
    await expect(signIn('S125')).resolves.toMatchObject({ expiresIn: 300 });
  });

  test('a refusal is answered no earlier than the floor, whatever the reason', async () => {
    const slow = openIdentity({
      database: db.gateway,
      audit: home.audit,
      clock,
      settings: { ...home.settings, refusalMs: 150 },
    });
    const timed = async (staffId: string) => {
      const start = performance.now();
      await slow
        .signIn({ staffId, password: 'wrong-password', totp: '000000' }, elsewhere())
        .catch(() => undefined);
      return performance.now() - start;
    };
    await home.staff('S126');
    // A timer counts whole milliseconds and may be over one early by this clock.
    for (const staffId of ['S126', 'nobody', 'S111'])
      expect(await timed(staffId)).toBeGreaterThanOrEqual(148);
    await slow.close();
  });
});

describe('lockout', () => {
  test('worked example: five failures lock; the right password is refused until the lock is over', async () => {
    await home.staff('S200');
    const at = async (time: string, password: string) => {
      clock.set(`2026-11-03T${time}Z`);
      return identity.signIn({ staffId: 'S200', password, totp: home.code() }, elsewhere());
    };
    for (const time of ['09:00:00', '09:03:00', '09:06:00', '09:09:00', '09:14:00'])
      await expect(at(time, 'wrong-password')).rejects.toEqual(refusal);
    await expect(at('09:14:30', PASSWORD)).rejects.toEqual(refusal);
    expect(await lastRule('S200')).toMatch(/^locked /);
    await expect(at('09:28:59.999', PASSWORD)).rejects.toEqual(refusal);
    await expect(at('09:29:00', PASSWORD)).resolves.toMatchObject({ expiresIn: 300 });
  });

  test('ten failures in 24 hours suspend; sessions end; a person unlocks', async () => {
    await home.staff('S201');
    clock.set('2026-11-04T09:00:00Z');
    const before = await signIn('S201');
    for (let n = 0; n < 10; n++) {
      clock.forward({ minutes: 16 });
      await expect(signIn('S201', { password: 'wrong-password' })).rejects.toEqual(refusal);
    }
    expect(await findAccount(db.gateway, 'S201')).toMatchObject({ state: 'suspended' });
    await expect(identity.refresh(before.refreshToken, elsewhere())).rejects.toMatchObject({
      code: 'ACCOUNT_REVOKED',
    });
    const raised = await auditEntries(db, 'Staff.suspend');
    expect(raised).toMatchObject([{ kind: 'staffChange', actorId: 'S201', entries: [{ raised: true }] }]);
    clock.forward({ minutes: 16 });
    await expect(signIn('S201')).rejects.toEqual(refusal);
    await db.gateway.transaction('test', (tx) => reactivateStaff(tx, home.change(), 'S201'));
    await expect(signIn('S201')).resolves.toMatchObject({ expiresIn: 300 });
  });

  test('tries at the same moment cannot outrun it: of 30 wrong ones five are looked at', async () => {
    await home.staff('S202');
    clock.set('2026-11-05T09:00:00Z');
    await Promise.allSettled(
      Array.from({ length: 30 }, () =>
        identity.signIn({ staffId: 'S202', password: 'wrong-password', totp: '000000' }, elsewhere()),
      ),
    );
    const [row] = await db.owner.run(
      'test',
      ({ raw }) => raw<{ failed: bigint }[]>`
      select count(*) as failed from access.sign_in_event where staff_id = 'S202' and kind = 'failed'`,
    );
    expect(row?.failed).toBe(5n);
  });

  test('a hundred failures without a success need new credentials, an unlocking alone does not help', async () => {
    await home.staff('S203');
    clock.set('2026-11-06T00:00:00Z');
    await db.owner.run(
      'test',
      ({ raw }) => raw`
      insert into access.sign_in_event (staff_id, kind, at)
      select 'S203', 'started', ${clock.now().toString()}::timestamptz - n * interval '1 day'
      from generate_series(2, 101) n`,
    );
    await expect(signIn('S203')).rejects.toEqual(refusal);
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'S203'));
    await db.gateway.transaction('test', (tx) => reactivateStaff(tx, home.change(), 'S203'));
    await expect(signIn('S203')).rejects.toEqual(refusal);
    const { enrolmentCode } = await db.gateway.transaction('test', (tx) =>
      resetCredentials(tx, home.change(), 'S203'),
    );
    await expect(
      identity.beginEnrolment({ staffId: 'S203', code: enrolmentCode }, elsewhere()),
    ).resolves.toHaveProperty('totpSecret');
  });
});

describe('storms', () => {
  test('200 at once from 200 addresses: a bounded number is looked at, the rest is told to wait', async () => {
    await home.staff('S300');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, () =>
        identity.signIn({ staffId: 'S300', password: 'wrong-password', totp: '000000' }, elsewhere()),
      ),
    );
    const codes = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'open',
    );
    const counted = Object.groupBy(codes, (code) => code);
    expect(counted['UNAUTHENTICATED']?.length).toBeLessThanOrEqual(34);
    expect(counted['UNAUTHENTICATED']?.length).toBeGreaterThanOrEqual(2);
    expect(counted['TOO_MANY_REQUESTS']?.length).toBe(200 - (counted['UNAUTHENTICATED']?.length ?? 0));
    await home.staff('S301');
    await expect(signIn('S301')).resolves.toMatchObject({ expiresIn: 300 });
  });

  test('200 from one address: 60 are let through, ten are written singly, the rest as one summary', async () => {
    const from = () => origin({ address: '10.77.0.1' });
    clock.forward({ minutes: 5 });
    const codes: string[] = [];
    for (let n = 0; n < 200; n++) {
      await identity
        .signIn({ staffId: 'nobody', password: 'wrong-password', totp: '000000' }, from())
        .catch((error: unknown) => codes.push((error as { code: string }).code));
    }
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(60);
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(140);
    clock.forward({ minutes: 1 });
    await identity
      .signIn({ staffId: 'nobody', password: 'wrong-password', totp: '000000' }, from())
      .catch(() => undefined);
    await identity.close();
    const single = (await auditEntries(db, 'Session.open')).filter(({ entries }) =>
      entries[0]?.reason.endsWith('from 10.77.0.1'),
    );
    expect(single).toHaveLength(11);
    const summaries = (await auditEntries(db, 'Session.refusals')).filter(({ entries }) =>
      entries[0]?.reason.endsWith('from 10.77.0.1'),
    );
    expect(summaries).toMatchObject([{ kind: 'refusal', entries: [{ rows: 190, raised: true }] }]);
  });
});
