import { describe, expect, test } from 'vitest';
import { openIdentity, type IdentitySettings } from '../../src/access/identity.js';
import { openAuditLog } from '../../src/audit/log.js';
import { systemClock } from '../../src/kernel/clock.js';
import { testDatabase } from '../support/database.js';
import { settings as soundSettings } from './support/settings.js';

const db = await testDatabase();
const open = (changed: Partial<IdentitySettings>) =>
  openIdentity({
    database: db.gateway,
    audit: openAuditLog(db.gateway),
    clock: systemClock,
    settings: soundSettings(changed),
  });

describe('the door opens only with sound settings', () => {
  test.each([
    { sessionIdleMinutes: 16 },
    { sessionIdleMinutes: 0 },
    { sessionIdleMinutes: 1.5 },
    { sessionAbsoluteMinutes: 721 },
    { sessionAbsoluteMinutes: Number.NaN },
    { pepper: { current: { id: 'p', key: Buffer.alloc(16) }, former: [] } },
    {
      credentialKey: {
        current: { id: 'c', key: Buffer.alloc(32) },
        former: [{ id: 'c', key: Buffer.alloc(32) }],
      },
    },
  ])('%j is refused', (changed) => {
    expect(() => open(changed)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
  });

  test('limits themselves are within', async () => {
    await open({ sessionIdleMinutes: 15, sessionAbsoluteMinutes: 720 }).close();
  });

  test('left out, the floor of a refused sign-in is half a second', async () => {
    const identity = open({ refusalMs: undefined });
    const start = performance.now();
    await expect(
      identity.signIn(
        { staffId: 'nobody', password: 'wrong-password', totp: '1' },
        {
          address: '10.0.0.1',
          requestId: 'not a uuid',
          terminal: 'bad terminal',
          clientApp: 'T-123456789018',
        },
      ),
    ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(performance.now() - start).toBeGreaterThanOrEqual(499);
    await identity.close();
    const [row] = await db.owner.run(
      'test',
      ({ raw }) => raw<{ body: Uint8Array }[]>`select body from audit.written`,
    );
    expect(JSON.parse(Buffer.from(row?.body ?? []).toString('utf8'))).toMatchObject({
      terminal: 'invalid',
      clientApp: 'invalid',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });
});
