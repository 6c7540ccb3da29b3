import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/access/identity.js';
import { revokeStaff, setEmploymentEnd, suspendStaff } from '../../../src/access/register/staff.js';
import { opaqueToken } from '../../../src/access/session/open.js';
import { openDatabase } from '../../../src/kernel/database/database.js';
import { openIdentity } from '../../../src/access/identity.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { auditEntries, house, origin, PASSWORD } from '../support/house.js';
import { publicPart } from '../support/settings.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
const { identity } = home;

afterAll(async () => {
  await identity.close();
  await home.audit.close();
});

let addresses = 0;
const elsewhere = (terminal = 'T-0417') =>
  origin({ address: `10.8.${addresses >> 8}.${addresses++ & 255}`, terminal });

async function signIn(staffId: string): Promise<SignedIn> {
  clock.forward({ seconds: 60 });
  return identity.signIn({ staffId, password: PASSWORD, totp: home.code() }, elsewhere());
}

const bearer = ({ accessToken }: { accessToken: string }) => `Bearer ${accessToken}`;
const refused = (rule: string): unknown => expect.objectContaining({ code: 'UNAUTHENTICATED', rule });

describe('a session', () => {
  test.each([undefined, '', 'Basic abc', 'Bearer', 'Bearerx'])('%j brings no caller', async (header) => {
    await expect(identity.authenticate(header, '')).rejects.toEqual(refused('missing'));
  });

  test('that nobody opened is refused, though the token is genuine', async () => {
    await home.staff('S100');
    const signedIn = await signIn('S100');
    const { sessionId } = await identity.authenticate(bearer(signedIn), 'T-0417');
    await db.owner.run(
      'test',
      ({ raw }) => raw`delete from access.refresh_token where session_id = ${sessionId}`,
    );
    await db.owner.run('test', ({ raw }) => raw`delete from access.session where id = ${sessionId}`);
    identity.forget({ sessionId });
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).rejects.toEqual(
      refused('sessionUnknown'),
    );
  });

  test('is refused from another terminal, and the auditors are told', async () => {
    await home.staff('S101');
    const signedIn = await signIn('S101');
    await expect(identity.authenticate(bearer(signedIn), 'T-9999', { address: '10.66.0.1' })).rejects.toEqual(
      refused('binding'),
    );
    await expect(identity.authenticate(bearer(signedIn), 'T-0417\n')).rejects.toEqual(refused('binding'));
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).resolves.toMatchObject({
      actorId: 'S101',
    });
    const entries = (await auditEntries(db, 'Session.authenticate')).filter(
      ({ terminal }) => terminal === 'T-9999',
    );
    expect(entries).toMatchObject([
      { kind: 'tokenRefused', entries: [{ raised: true, reason: 'binding from 10.66.0.1' }] },
    ]);
  });

  test.each([
    ['revoked', revokeStaff, 'ACCOUNT_REVOKED'],
    ['suspended', suspendStaff, 'ACCOUNT_REVOKED'],
  ] as const)(
    'ends the moment its account is %s: at once here, within a second in every other process',
    async (name, withdraw, code) => {
      const staffId = `S11-${name}`;
      await home.staff(staffId);
      const signedIn = await signIn(staffId);
      const other = openIdentity({ database: db.gateway, audit: home.audit, clock, settings: home.settings });
      await identity.authenticate(bearer(signedIn), 'T-0417');
      await other.authenticate(bearer(signedIn), 'T-0417');
      await db.gateway.transaction('test', (tx) => withdraw(tx, home.change(), staffId));
      identity.forget({ actorId: staffId });
      await expect(identity.authenticate(bearer(signedIn), 'T-0417')).rejects.toMatchObject({ code });
      clock.forward({ milliseconds: 1_000 });
      await expect(other.authenticate(bearer(signedIn), 'T-0417')).rejects.toMatchObject({ code });
      await expect(identity.refresh(signedIn.refreshToken, elsewhere())).rejects.toMatchObject({ code });
      await other.close();
    },
  );

  test('ends at 24:00 in Japan of the last day of employment, also out of the memory of a second', async () => {
    await home.staff('S120');
    await db.gateway.transaction('test', (tx) => setEmploymentEnd(tx, home.change(), 'S120', '2027-03-31'));
    clock.set('2027-03-31T14:58:00Z');
    const signedIn = await signIn('S120');
    clock.set('2027-03-31T14:59:59.900Z');
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).resolves.toMatchObject({
      actorId: 'S120',
    });
    clock.set('2027-03-31T15:00:00.000Z');
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).rejects.toMatchObject({
      code: 'ACCOUNT_REVOKED',
    });
  });

  test('is kept by requests and over after 15 minutes without one; renewing alone does not keep it', async () => {
    clock.set('2026-12-01T00:00:00Z');
    await home.staff('S130');
    let signedIn = await signIn('S130');
    for (let n = 0; n < 8; n++) {
      clock.forward({ minutes: 4 });
      signedIn = await identity.refresh(signedIn.refreshToken, elsewhere());
      await identity.authenticate(bearer(signedIn), 'T-0417');
    }
    for (let n = 0; n < 3; n++) {
      clock.forward({ minutes: 4 });
      signedIn = await identity.refresh(signedIn.refreshToken, elsewhere());
    }
    clock.forward({ minutes: 2, seconds: 59 });
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).resolves.toMatchObject({
      actorId: 'S130',
    });
    clock.forward({ minutes: 14 });
    signedIn = await identity.refresh(signedIn.refreshToken, elsewhere());
    clock.forward({ minutes: 1 });
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).rejects.toEqual(refused('sessionIdle'));
  });

  test('is over 8 hours after it was opened, however busy', async () => {
    clock.set('2026-12-02T00:00:00Z');
    await home.staff('S131');
    let signedIn = await signIn('S131');
    const end = clock.now().add({ hours: 8 });
    while (clock.now().add({ minutes: 4 }).epochMilliseconds < end.epochMilliseconds) {
      clock.forward({ minutes: 4 });
      signedIn = await identity.refresh(signedIn.refreshToken, elsewhere());
      await identity.authenticate(bearer(signedIn), 'T-0417');
    }
    clock.set(end.subtract({ milliseconds: 1 }).toString());
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).resolves.toBeDefined();
    clock.set(end.toString());
    await expect(identity.refresh(signedIn.refreshToken, elsewhere())).rejects.toEqual(
      refused('sessionOver'),
    );
  });

  test('signed out is dead, with its tokens', async () => {
    await home.staff('S140');
    const signedIn = await signIn('S140');
    const caller = await identity.authenticate(bearer(signedIn), 'T-0417');
    await identity.signOut(caller, elsewhere());
    await expect(identity.authenticate(bearer(signedIn), 'T-0417')).rejects.toEqual(refused('sessionEnded'));
    await expect(identity.refresh(signedIn.refreshToken, elsewhere())).rejects.toEqual(
      refused('sessionEnded'),
    );
    expect((await auditEntries(db, 'Session.close')).at(-1)).toMatchObject({
      kind: 'signOut',
      sessionId: caller.sessionId,
    });
  });

  test('is never guessed when the database is away: the answer is that, not an older one', async () => {
    await home.staff('S150');
    const signedIn = await signIn('S150');
    const away = openDatabase({
      url: 'postgres://nobody:none@127.0.0.1:1/none',
      application: 'test',
      connections: 1,
    });
    const blind = openIdentity({ database: away, audit: home.audit, clock, settings: home.settings });
    await expect(blind.authenticate(bearer(signedIn), 'T-0417')).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    await blind.close();
    await away.close();
  });
});

describe('renewal', () => {
  beforeAll(() => clock.set('2026-12-10T00:00:00Z'));

  test('uses the token up and gives another', async () => {
    await home.staff('S200');
    const first = await signIn('S200');
    const second = await identity.refresh(first.refreshToken, elsewhere());
    expect(second.refreshToken).not.toBe(first.refreshToken);
    await expect(identity.authenticate(bearer(second), 'T-0417')).resolves.toMatchObject({ actorId: 'S200' });
    await expect(identity.refresh(second.refreshToken, elsewhere())).resolves.toBeDefined();
  });

  test('with a used token ends the whole family and is raised', async () => {
    await home.staff('S201');
    const first = await signIn('S201');
    const second = await identity.refresh(first.refreshToken, elsewhere());
    const { sessionId } = await identity.authenticate(bearer(second), 'T-0417');
    clock.forward({ seconds: 6 });
    await expect(identity.refresh(first.refreshToken, elsewhere())).rejects.toEqual(refused('refreshReused'));
    await expect(identity.authenticate(bearer(second), 'T-0417')).rejects.toEqual(refused('sessionEnded'));
    await expect(identity.refresh(second.refreshToken, elsewhere())).rejects.toEqual(refused('sessionEnded'));
    await expect(identity.refresh(first.refreshToken, elsewhere())).rejects.toEqual(refused('sessionEnded'));
    const entries = (await auditEntries(db, 'Session.renew')).filter(
      (line) => line.sessionId === sessionId && line.kind === 'tokenRefused',
    );
    expect(entries.filter(({ entries: [entry] }) => entry?.raised === true)).toMatchObject([
      { entries: [{ reason: expect.stringMatching(/^refreshReused /) as string }] },
    ]);
  });

  test('at the same moment by 20 windows of one terminal: one gets it, the session lives', async () => {
    await home.staff('S202');
    const first = await signIn('S202');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => identity.refresh(first.refreshToken, elsewhere())),
    );
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const codes = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
    );
    expect(won).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['CONFLICT']));
    await expect(identity.authenticate(`Bearer ${won[0]?.accessToken}`, 'T-0417')).resolves.toBeDefined();
  });

  test('within the race with a token older than the last one used ends the family, and is raised', async () => {
    await home.staff('S205');
    const first = await signIn('S205');
    const { sessionId } = await identity.authenticate(bearer(first), 'T-0417');
    const second = await identity.refresh(first.refreshToken, elsewhere());
    const third = await identity.refresh(second.refreshToken, elsewhere());
    await expect(identity.refresh(second.refreshToken, elsewhere())).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(identity.authenticate(bearer(third), 'T-0417')).resolves.toBeDefined();
    await expect(identity.refresh(first.refreshToken, elsewhere())).rejects.toEqual(refused('refreshReused'));
    await expect(identity.refresh(third.refreshToken, elsewhere())).rejects.toEqual(refused('sessionEnded'));
    await expect(identity.authenticate(bearer(third), 'T-0417')).rejects.toEqual(refused('sessionEnded'));
    const raised = (await auditEntries(db, 'Session.renew')).filter(
      (line) => line.sessionId === sessionId && line.entries.some((entry) => entry.raised === true),
    );
    expect(raised.map(({ entries }) => entries[0]?.reason.split(' ')[0])).toEqual(['refreshReused']);
  });

  test('from another terminal ends the session, also within the race', async () => {
    await home.staff('S203');
    const first = await signIn('S203');
    await expect(identity.refresh(first.refreshToken, elsewhere('T-9999'))).rejects.toEqual(
      refused('binding'),
    );
    await expect(identity.refresh(first.refreshToken, elsewhere())).rejects.toMatchObject({
      code: expect.stringMatching(/CONFLICT|UNAUTHENTICATED/) as string,
    });
    await expect(identity.authenticate(bearer(first), 'T-0417')).rejects.toEqual(refused('sessionEnded'));
  });

  test('with a token that was never issued, or is none, is refused', async () => {
    await expect(identity.refresh(opaqueToken(), elsewhere())).rejects.toEqual(refused('refreshUnknown'));
    await expect(identity.refresh('x', elsewhere())).rejects.toEqual(refused('malformed'));
  });

  test('keeps no token in the clear', async () => {
    await home.staff('S204');
    const { refreshToken } = await signIn('S204');
    const rows = await db.owner.run(
      'test',
      ({ raw }) => raw`
      select from access.refresh_token t
      where t::text like ${`%${refreshToken}%`} or sha256 = ${Buffer.from(refreshToken)}`,
    );
    expect(rows).toHaveLength(0);
  });
});

describe('step-up', () => {
  test('worked example, handbook 15 §4: five minutes, one purpose', async () => {
    clock.set('2026-12-14T23:54:00Z');
    await home.staff('S300', ['sectionChief']);
    let signedIn = await signIn('S300');
    const from = clock.now();
    clock.set(from.add({ minutes: 4 }).toString());
    signedIn = await identity.refresh(signedIn.refreshToken, elsewhere());
    let caller = await identity.authenticate(bearer(signedIn), 'T-0417');
    expect([...caller.steppedUp]).toEqual([]);
    await expect(
      identity.stepUp(caller, { purpose: 'REFUND', totp: home.code() }, elsewhere()),
    ).resolves.toEqual({ purpose: 'REFUND', expiresIn: 300 });
    const stepped = clock.now();
    caller = await identity.authenticate(bearer(signedIn), 'T-0417');
    expect([...caller.steppedUp]).toEqual(['REFUND']);
    clock.set(stepped.add({ minutes: 3 }).toString());
    signedIn = await identity.refresh(signedIn.refreshToken, elsewhere());
    clock.set(stepped.add({ seconds: 299, milliseconds: 999 }).toString());
    expect((await identity.authenticate(bearer(signedIn), 'T-0417')).steppedUp.has('REFUND')).toBe(true);
    clock.set(stepped.add({ seconds: 300 }).toString());
    expect((await identity.authenticate(bearer(signedIn), 'T-0417')).steppedUp.has('REFUND')).toBe(false);
    expect((await auditEntries(db, 'Session.stepUp')).at(-1)).toMatchObject({
      kind: 'stepUp',
      purpose: 'REFUND',
      actorId: 'S300',
    });
  });

  test('needs a purpose that is held and a code not yet used', async () => {
    await home.staff('S301', ['sectionChief']);
    const signedIn = await signIn('S301');
    const caller = await identity.authenticate(bearer(signedIn), 'T-0417');
    for (const purpose of ['ADMINISTRATION', 'ALL', '']) {
      await expect(
        identity.stepUp(caller, { purpose, totp: home.code() }, elsewhere()),
      ).rejects.toMatchObject({ code: 'FORBIDDEN_PURPOSE' });
    }
    await expect(
      identity.stepUp(caller, { purpose: 'REFUND', totp: home.code() }, elsewhere()),
    ).rejects.toEqual(refused('replayedSecondFactor'));
    expect((await identity.authenticate(bearer(signedIn), 'T-0417')).steppedUp.size).toBe(0);
  });

  test('counts failures towards the lockout', async () => {
    await home.staff('S302', ['sectionChief']);
    const caller = await identity.authenticate(bearer(await signIn('S302')), 'T-0417');
    clock.forward({ seconds: 60 });
    for (let n = 0; n < 5; n++)
      await expect(
        identity.stepUp(caller, { purpose: 'REFUND', totp: '000000' }, elsewhere()),
      ).rejects.toEqual(refused('badSecondFactor'));
    await expect(
      identity.stepUp(caller, { purpose: 'REFUND', totp: home.code() }, elsewhere()),
    ).rejects.toEqual(refused('locked'));
  });
});

test('what this release does not know of functions and purposes is not held', async () => {
  clock.set('2026-12-30T00:00:00Z');
  await home.staff('S900', ['sectionChief']);
  await db.owner.run(
    'test',
    ({ raw }) => raw`insert into access.role_function values ('sectionChief', 'number:export', '2000-01-01')`,
  );
  await db.owner.run(
    'test',
    ({ raw }) => raw`insert into access.role_purpose values ('sectionChief', 'EVERYTHING', '2000-01-01')`,
  );
  const signedIn = await signIn('S900');
  const { sessionId } = await identity.authenticate(bearer(signedIn), 'T-0417');
  await db.owner.run(
    'test',
    ({ raw }) =>
      raw`insert into access.step_up (session_id, purpose, until) values (${sessionId}, 'EVERYTHING', '2999-01-01')`,
  );
  identity.forget({ sessionId });
  const caller = await identity.authenticate(bearer(signedIn), 'T-0417');
  expect([[...caller.functions], [...caller.purposes], [...caller.steppedUp]].flat()).not.toContain(
    'EVERYTHING',
  );
  expect(caller.functions.has('number:export' as never)).toBe(false);
});

test('the public keys are published without their private parts', () => {
  expect(identity.jwks()).toEqual({
    keys: [{ ...publicPart(home.settings.signingKey), alg: 'EdDSA', use: 'sig' }],
  });
});
