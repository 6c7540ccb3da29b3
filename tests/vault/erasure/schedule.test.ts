import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TwoPersonAct } from '../../../src/client/index.js';
import { ERASURE_RESUME_AFTER_MS, ERASURE_RESUME_CHECK_MS } from '../../../src/kernel/limits.js';
import { resumeStopped, scheduleErasures } from '../../../src/vault/erasure/schedule.js';
import { byTwos, codeOf } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';

const vault = await testService();
const { context, clock, databases } = vault;
const { owner } = databases;
const two = byTwos(vault);
const clerk = await vault.person('P-1029', ['register', 'erase', 'status']);
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const shredName = new URL(databases.urls.shred).pathname.slice(1);

const told: unknown[][] = [];
const tell = (...said: unknown[]) => void told.push(said);
const logger = { info: tell, warn: tell };
const looks = (inService = true) => resumeStopped(context, () => inService, logger);
afterEach(() => {
  told.length = 0;
});

/** Nobody reaches the database of the shred keys, and whoever was there is sent away. */
async function takeAway(): Promise<void> {
  await owner.vault.run('test.away', ({ raw }) =>
    raw.unsafe(`alter database ${shredName} allow_connections false`),
  );
  await owner.vault.run(
    'test.cut',
    ({ raw }) => raw`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${shredName}`,
  );
}
const giveBack = () =>
  owner.vault.run('test.back', ({ raw }) => raw.unsafe(`alter database ${shredName} allow_connections true`));

async function leftOf(ref: string): Promise<number> {
  const [row] = await owner.shred.run(
    'test.left',
    ({ raw }) => raw<[{ n: number }]>`select count(*)::int as n from shred.key where vault_ref = ${ref}`,
  );
  return row.n;
}
const certificates = async () =>
  (await owner.vault.run('test.certificates', ({ raw }) => raw`select from vault.erasure_certificate`))
    .length;

describe('an erasure that the shred database stopped by going away', () => {
  test('is finished by the vault that runs on, once it is back', async () => {
    const ref = await two.register(clerk, '123456789018');
    const act: TwoPersonAct = {
      op: 'erase',
      refs: [ref],
      said: { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了' },
    };
    const approvalId = await two.approved(clerk, officer, act);
    await takeAway();
    expect(['DATABASE_ERROR', 'DATABASE_UNAVAILABLE']).toContain(
      codeOf(await two.does(clerk, act, approvalId)),
    );

    // Others may still be at it: it is left alone for a while.
    await looks();
    expect(told).toEqual([]);
    clock.move(ERASURE_RESUME_AFTER_MS);
    await looks(false);
    expect(told).toEqual([]);
    await looks();
    expect(told).toEqual([
      [{ code: expect.stringMatching(/^DATABASE_/) as string }, expect.stringContaining('tried again')],
    ]);
    await giveBack();
    expect([await leftOf(ref), await certificates()]).toEqual([1, 0]);

    await looks();
    expect(told.at(-1)).toEqual([{ erasures: 1 }, expect.stringContaining('finished')]);
    expect([await leftOf(ref), await certificates()]).toEqual([0, 1]);
    await looks();
    expect(told).toHaveLength(2);
  });
});

test('a failure that is none of ours is told without what it says', async () => {
  const clockGuard = {
    fault: undefined,
    accept: () => undefined,
    assertTrusted: () => {
      throw new TypeError('a sentence from outside');
    },
  };
  await resumeStopped({ ...context, clockGuard }, () => true, logger);
  expect(told).toEqual([[{ code: 'INTERNAL' }, expect.stringContaining('tried again')]]);
});

test('looks come again and again, until they are ended', async () => {
  vi.useFakeTimers();
  try {
    let asked = 0;
    const end = scheduleErasures(context, () => (asked += 1) < 0, logger);
    await vi.advanceTimersByTimeAsync(3 * ERASURE_RESUME_CHECK_MS);
    await end();
    await vi.advanceTimersByTimeAsync(ERASURE_RESUME_CHECK_MS);
    expect(asked).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});
