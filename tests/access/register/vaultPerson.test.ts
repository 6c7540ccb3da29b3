import { afterAll, describe, expect, test } from 'vitest';
import { createStaff, revokeStaff } from '../../../src/access/register/staff.js';
import {
  isVaultPersonOf,
  linkVaultPerson,
  unlinkVaultPerson,
} from '../../../src/access/register/vaultPerson.js';
import type { Session } from '../../../src/kernel/database/database.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { house } from '../support/house.js';

const db = await testDatabase();
const home = await house(db, new StandingClock('2026-11-02T00:00:00Z'));
afterAll(async () => {
  await home.identity.close();
  await home.audit.close();
});

const within = <T>(work: (tx: Session) => Promise<T>) => db.gateway.transaction('test', work);
for (const [staffId, personId] of [
  ['N001', 'P-N001'],
  ['N002', 'P-N002'],
  ['B001', 'P-N001'],
] as const) {
  const employment = { employmentFrom: '2026-04-01', employmentTo: undefined, department: 'SHUNO' };
  const named = { name: '試験 太郎', kana: 'シケン タロウ' };
  await within((tx) => createStaff(tx, home.change(), { staffId, personId, ...named, ...employment }));
}
const link = (staffId: string, vaultPersonId: string, validFrom = '2026-11-02', actorId = 'installer') =>
  within((tx) => linkVaultPerson(tx, home.change('対応', actorId), staffId, { vaultPersonId, validFrom }));
const unlink = (staffId: string, vaultPersonId: string, validFrom: string) =>
  within((tx) => unlinkVaultPerson(tx, home.change('終了'), staffId, { vaultPersonId, validFrom }));
const daysOf = async (staffId: string, vaultPersonId: string, days: readonly string[]) => {
  const linked = await Promise.all(
    days.map((day) => isVaultPersonOf(db.gateway, staffId, vaultPersonId, day)),
  );
  return days.filter((_, at) => linked[at]);
};

describe('which person of the vault an account is', () => {
  test('holds from a day on, until it ends', async () => {
    await link('N001', 'V-1', '2026-11-02');
    await unlink('N001', 'V-1', '2026-12-01');
    const days = ['2026-11-01', '2026-11-02', '2026-11-30', '2026-12-01'];
    expect(await daysOf('N001', 'V-1', days)).toEqual(['2026-11-02', '2026-11-30']);
    expect(await daysOf('N001', 'V-2', days)).toEqual([]);
    expect(await daysOf('N002', 'V-1', days)).toEqual([]);
    await link('N001', 'V-1', '2026-12-01');
    expect(await daysOf('N001', 'V-1', days)).toEqual(['2026-11-02', '2026-11-30', '2026-12-01']);
  });

  test('is nobody else’s, now or later, but may be that of another account of the same person', async () => {
    await link('N002', 'V-3', '2026-11-10');
    for (const day of ['2026-11-10', '2026-11-11', '2026-11-09'])
      await expect(link('N001', 'V-3', day)).rejects.toMatchObject({
        code: 'CONFLICT',
        facts: { field: 'vaultPersonId' },
      });
    await unlink('N002', 'V-3', '2026-11-20');
    await link('N001', 'V-3', '2026-11-20');
    await link('B001', 'V-3', '2026-11-20');
    expect(await daysOf('B001', 'V-3', ['2026-11-20'])).toEqual(['2026-11-20']);
  });

  test('is said of another than oneself, and of an account that is there', async () => {
    await expect(link('N001', 'V-4', '2026-11-02', 'N001')).rejects.toMatchObject({
      code: 'DUAL_CONTROL_REQUIRED',
    });
    await expect(link('NONE', 'V-4')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(link('N001', 'no blanks')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(link('N001', 'V-4', '2026-02-30')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(unlink('N001', 'V-4', '2026-11-02')).rejects.toMatchObject({ code: 'CONFLICT' });
    await link('N002', 'V-5');
    await within((tx) => revokeStaff(tx, home.change(), 'N002'));
    await expect(link('N002', 'V-6')).rejects.toMatchObject({ code: 'CONFLICT' });
    await unlink('N002', 'V-5', '2026-11-02');
  });

  test('is only ever added to, and is an event of the account', async () => {
    const kinds = await db.gateway.run(
      'test.events',
      ({ raw }) => raw<{ kind: string; reason: string }[]>`
      select kind, reason from access.staff_event where staff_id = 'N001' and kind like 'vault%' order by id limit 2`,
    );
    expect([...kinds]).toEqual([
      { kind: 'vaultPersonLinked', reason: '対応' },
      { kind: 'vaultPersonUnlinked', reason: '終了' },
    ]);
    for (const change of [
      'update access.vault_person set is_linked = true',
      'delete from access.vault_person',
    ]) {
      const run = (database: typeof db.gateway) =>
        database.run('test.change', ({ raw }) => raw.unsafe(change));
      await expect(run(db.gateway)).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
      await expect(run(db.owner)).rejects.toMatchObject({ facts: { sqlstate: '23001' } });
    }
  });
});
