import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { doorContext } from '../../../src/access/context.js';
import { suspendStaff } from '../../../src/access/register/staff.js';
import { findAccount } from '../../../src/access/register/staff.store.js';
import { decideTry, ruleAgainst } from '../../../src/access/signin/try.js';
import { lockoutAt } from '../../../src/access/signin/lockout.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { auditEntries, house, origin } from '../support/house.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
const context = doorContext({ database: db.gateway, audit: home.audit, clock, settings: home.settings });

afterAll(async () => {
  await context.refusals.close();
  await home.identity.close();
  await home.audit.close();
});

describe('a try', () => {
  test('that fails the tenth time on an account somebody suspended meanwhile changes nothing more', async () => {
    await home.staff('S001');
    await db.owner.run(
      'test',
      ({ raw }) => raw`
      insert into access.sign_in_event (staff_id, kind, at)
      select 'S001', 'started', ${clock.now().toString()}::timestamptz - n * interval '1 hour'
      from generate_series(1, 9) n`,
    );
    const tried = decideTry(context, origin(), {
      staffId: 'S001',
      accountState: 'active',
      prove: async () => {
        await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change('別件'), 'S001'));
        return 'badPassword';
      },
      accept: async () => 'never',
    });
    await expect(tried).rejects.toMatchObject({ rule: 'badPassword', actorId: 'S001' });
    expect(await auditEntries(db, 'Staff.suspend')).toEqual([]);
    expect(await findAccount(db.gateway, 'S001')).toMatchObject({ state: 'suspended' });
  });

  test('of nobody does the work of proving and is refused', async () => {
    let proven: unknown = 'not asked';
    const tried = decideTry(context, origin(), {
      staffId: 'nobody',
      accountState: 'active',
      accept: async () => 'never',
      prove: async (account) => {
        proven = account;
        return undefined;
      },
    });
    await expect(tried).rejects.toMatchObject({ rule: 'unknownAccount' });
    expect(proven).toBeUndefined();
  });

  test('whose acceptance breaks does not count as failed', async () => {
    await home.staff('S002');
    const attempts = 7;
    for (let n = 0; n < attempts; n++) {
      const tried = decideTry(context, origin(), {
        staffId: 'S002',
        accountState: 'active',
        prove: async () => undefined,
        accept: async () => {
          throw new Error(randomBytes(4).toString('hex'));
        },
      });
      await expect(tried).rejects.toThrow(/^[0-9a-f]{8}$/);
    }
    await expect(
      decideTry(context, origin(), {
        staffId: 'S002',
        accountState: 'active',
        prove: async () => undefined,
        accept: async () => 'in',
      }),
    ).resolves.toBe('in');
  });
});

describe('the rule against an account', () => {
  const account = { state: 'active', employmentFrom: '2020-04-01', employmentTo: '2027-03-31' } as const;
  const open = lockoutAt([], 0);
  const at = (text: string) => Temporal.Instant.from(text);
  const noon = at('2026-11-02T03:00:00Z');

  test.each([
    [account, open, 'active', undefined],
    [account, open, 'pending', 'pending'],
    [{ ...account, state: 'pending' }, open, 'active', 'pending'],
    [{ ...account, state: 'pending' }, open, 'pending', undefined],
    [{ ...account, state: 'revoked' }, open, 'active', 'revoked'],
    [{ ...account, state: 'suspended' }, open, 'active', 'suspended'],
    [account, { state: 'suspended' }, 'active', 'suspended'],
    [account, { state: 'locked', until: 1 }, 'active', 'locked'],
    [account, { state: 'stopped' }, 'active', 'suspended'],
    [{ ...account, state: 'pending' }, { state: 'stopped' }, 'pending', undefined],
    [{ ...account, employmentFrom: '2026-11-03' }, open, 'active', 'notEmployed'],
    [{ ...account, employmentTo: '2026-11-01' }, open, 'active', 'notEmployed'],
    [{ ...account, employmentTo: undefined }, open, 'active', undefined],
  ] as const)('%j with lockout %j, wanted %s: %s', (changed, lockout, wanted, expected) => {
    expect(ruleAgainst(changed, lockout, wanted, noon)).toBe(expected);
  });

  test('employment ends at 24:00 in Japan', () => {
    expect(ruleAgainst(account, open, 'active', at('2027-03-31T14:59:59.999Z'))).toBeUndefined();
    expect(ruleAgainst(account, open, 'active', at('2027-03-31T15:00:00Z'))).toBe('notEmployed');
  });
});
