import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { SessionStates } from '../../../src/access/session/states.js';
import type { Database } from '../../../src/kernel/database/database.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { house, origin, PASSWORD } from '../support/house.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
await home.staff('S001', ['collectionClerk']);
const signedIn = await home.identity.signIn(
  { staffId: 'S001', password: PASSWORD, totp: home.code() },
  origin(),
);
const { sessionId } = await home.identity.authenticate(`Bearer ${signedIn.accessToken}`, 'T-0417');

afterAll(async () => {
  await home.identity.close();
  await home.audit.close();
});

/** The gateway's database, with its statements counted. */
function counted(): { database: Database; statements: () => number } {
  let statements = 0;
  const run: Database['run'] = (name, work) => {
    statements += 1;
    return db.gateway.run(name, work);
  };
  return { database: { ...db.gateway, run }, statements: () => statements };
}

describe('the memory of session states', () => {
  test('shares one statement among all that ask within a second, however many', async () => {
    const { database, statements } = counted();
    const states = new SessionStates(database, clock);
    const answers = await Promise.all(Array.from({ length: 500 }, () => states.get(sessionId)));
    expect(new Set(answers).size).toBe(1);
    clock.forward({ milliseconds: 999 });
    await states.get(sessionId);
    expect(statements()).toBe(1);
    clock.forward({ milliseconds: 1 });
    await states.get(sessionId);
    expect(statements()).toBe(2);
  });

  test('does not reach over midnight in Japan, nor into a clock that went back', async () => {
    const { database, statements } = counted();
    const states = new SessionStates(database, clock);
    clock.set('2026-11-02T14:59:59.900Z');
    expect((await states.get(sessionId))?.day).toBe('2026-11-02');
    clock.set('2026-11-02T15:00:00.000Z');
    expect((await states.get(sessionId))?.day).toBe('2026-11-03');
    clock.forward({ milliseconds: -1 });
    expect((await states.get(sessionId))?.day).toBe('2026-11-02');
    clock.set('2026-11-02T14:59:59.800Z');
    await states.get(sessionId);
    expect(statements()).toBe(4);
  });

  test('forgets what is still being read, because it may have been read before the change', async () => {
    const { database, statements } = counted();
    const states = new SessionStates(database, clock);
    const before = states.get(sessionId);
    states.forget({ actorId: 'S001' });
    await Promise.all([before, states.get(sessionId)]);
    expect(statements()).toBe(2);
    states.forget({ actorId: 'S999' });
    await states.get(sessionId);
    expect(statements()).toBe(2);
  });

  test('keeps nothing of a session that is not there', async () => {
    const { database, statements } = counted();
    const states = new SessionStates(database, clock);
    const unknown = randomUUID();
    const asked = states.get(unknown);
    states.forget({ sessionId: unknown });
    expect(await asked).toBeUndefined();
    expect(await states.get(unknown)).toBeUndefined();
    expect(await states.get(unknown)).toBeUndefined();
    expect(statements()).toBe(3);
  });
});
