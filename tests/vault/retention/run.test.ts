import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { RETENTION_CHECK_MS, RETENTION_LISTS_KEPT } from '../../../src/kernel/limits.js';
import { refsDigest } from '../../../src/vault/erasure/order.js';
import { openWorkOf } from '../../../src/vault/erasure/running.js';
import { retentionAdministration, type ToldRun } from '../../../src/vault/retention/administration.js';
import { installRetentionRules } from '../../../src/vault/retention/rule.store.js';
import { runRetention } from '../../../src/vault/retention/run.js';
import { readList, readRuns, SCHEDULE } from '../../../src/vault/retention/run.store.js';
import { isRunHour, runIfDue, scheduleRetention } from '../../../src/vault/retention/schedule.js';
import { vaultSealed } from '../../../src/vault/seal/refusal.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { registerNumber } from '../erasure/support/vault.js';

const databases = await testVaultDatabases();
const { vault: database, owner } = databases;
await installRetentionRules(database);
const clock = { at: '2033-11-03T02:00:00+09:00', now: () => Temporal.Instant.from(clock.at) };
const untrusted = new KuramoriError('CLOCK_UNTRUSTED', 'Wrong.');
const clockGuard = { fault: undefined, assertTrusted: vi.fn<() => void>(), accept: () => undefined };
const context = {
  database,
  audit: openAuditLog(database),
  clock,
  clockGuard,
  openWork: openWorkOf({ database }),
};
const logger = { info: vi.fn<(facts: unknown) => void>(), warn: vi.fn<(facts: unknown) => void>() };
const due = async (retentionEndsOn = '2033-11-03') =>
  (await registerNumber(databases, { retentionEndsOn })).ref;
const listOf = async (runId: bigint) =>
  (await readList(database, { runId, purpose: 'REFUND', after: undefined, limit: 500 })).map(
    ({ ref }) => ref,
  );
const entries = async () =>
  [
    ...(await owner.vault.run(
      'test.entries',
      ({ raw }) => raw<{ text: string }[]>`
      select actor_id || ' ' || coordinate || ' ' || decision || ' ' || reason || ' ' || rows as text
      from audit.entry order by sequence desc limit 2`,
    )),
  ]
    .map(({ text }) => text)
    .toReversed();

beforeEach(async () => {
  await owner.vault.run(
    'test.clear',
    ({ raw }) => raw`
    truncate vault.number, vault.hold, vault.number_index, vault.task_change, vault.retention_run,
      vault.retention_candidate restart identity`,
  );
  clock.at = '2033-11-03T02:00:00+09:00';
  clockGuard.assertTrusted.mockReset();
  logger.info.mockClear();
  logger.warn.mockClear();
});

describe('the making of the list of candidates', () => {
  it('is an object: day, period, rules, count, digest, entries', async () => {
    const [old, today] = [await due('2030-01-01'), await due()];
    await due('2033-11-04');
    const run = await runRetention(context, SCHEDULE);
    expect(run).toMatchObject({
      id: 1n,
      day: '2033-11-03',
      periodFrom: null,
      startedBy: 'schedule',
      startedAt: '2033-11-02T17:00:00Z',
      candidates: 2,
      newlyDue: 2,
      isWhole: true,
      refsDigest: refsDigest([today, old]),
    });
    expect(run?.rules).toContainEqual({ class: 'TAX_LEDGER', validFrom: '2015-10-05', years: 5 });
    expect(await readRuns(database, 10)).toEqual([run]);
    expect(await listOf(1n)).toEqual([old, today]);
    expect(await entries()).toEqual([
      'schedule Vault.retention allow intent 0',
      'schedule Vault.retention allow run:1 2',
    ]);
  });

  it('tells what became erasable since the last one', async () => {
    await due('2033-11-02');
    await runRetention(context, SCHEDULE);
    clock.at = '2033-11-05T02:00:00+09:00';
    await due('2033-11-04');
    await due('2033-11-05');
    expect(await runRetention(context, SCHEDULE)).toMatchObject({
      periodFrom: '2033-11-04',
      candidates: 3,
      newlyDue: 2,
    });
  });

  it('says when it does not hold all, and holds those that are due longest', async () => {
    const [last, first, second] = [await due('2033-03-03'), await due('2031-01-01'), await due('2032-02-02')];
    expect(await runRetention(context, 'operator:hanako', 2)).toMatchObject({
      candidates: 2,
      isWhole: false,
    });
    expect((await entries())[1]).toBe('operator:hanako Vault.retention allow run:1:more 2');
    expect(await listOf(1n)).toEqual([first, second]);
    expect(await runRetention(context, 'operator:hanako', 3)).toMatchObject({ candidates: 3, isWhole: true });
    expect(await listOf(2n)).toEqual([first, second, last]);
  });

  it('leaves out of the list who is held, taken up again or erased since', async () => {
    const [held, resumed, kept] = [await due(), await due(), await due()];
    const run = await runRetention(context, SCHEDULE);
    await owner.vault.run(
      'test.hold',
      ({ raw }) => raw`
      insert into vault.hold (vault_ref, reason, placed_by, placed_approved_by, placed_at)
      values (${held}, '訴訟', 'A', 'B', ${clock.now().toString()})`,
    );
    await owner.vault.run(
      'test.resume',
      ({ raw }) => raw`update vault.number set retention_ends_on = null where vault_ref = ${resumed}`,
    );
    expect(await listOf(run!.id)).toEqual([kept]);
  });

  it('keeps the lists of the newest runs, and every run', async () => {
    await due();
    for (let n = 0; n <= RETENTION_LISTS_KEPT; n++) await runRetention(context, 'operator:hanako');
    expect(await listOf(1n)).toEqual([]);
    expect(await listOf(2n)).toHaveLength(1);
    expect(await readRuns(database, 100)).toHaveLength(RETENTION_LISTS_KEPT + 1);
    for (const change of ['update vault.retention_run set day = day', 'delete from vault.retention_run'])
      await expect(database.run('test.change', ({ raw }) => raw.unsafe(change))).rejects.toMatchObject({
        facts: { sqlstate: '42501' },
      });
  });

  it('is not made under a clock that is not trusted: who is let go too early does not come back', async () => {
    clockGuard.assertTrusted.mockImplementation(() => {
      throw untrusted;
    });
    await expect(runRetention(context, SCHEDULE)).rejects.toBe(untrusted);
    expect(await readRuns(database, 1)).toEqual([]);
  });
});

describe('the schedule', () => {
  it.each([
    ['2033-11-02T16:59:59.999Z', false],
    ['2033-11-02T17:00:00Z', true],
    ['2033-11-03T14:59:59Z', true],
    ['2033-11-03T15:00:00Z', false],
  ])('%s: is it time? %s', (instant, expected) => {
    expect(isRunHour(Temporal.Instant.from(instant))).toBe(expected);
  });

  it('makes one list a day, in service, when it is time', async () => {
    await runIfDue(context, () => false, logger);
    clock.at = '2033-11-03T01:59:00+09:00';
    await runIfDue(context, () => true, logger);
    expect(await readRuns(database, 9)).toEqual([]);
    clock.at = '2033-11-03T02:05:00+09:00';
    await runIfDue(context, () => true, logger);
    await runIfDue(context, () => true, logger);
    expect(await readRuns(database, 9)).toHaveLength(1);
    expect(logger.info).toHaveBeenCalledOnce();
    clock.at = '2033-11-04T09:00:00+09:00';
    await runIfDue(context, () => true, logger);
    expect(await readRuns(database, 9)).toHaveLength(2);
  });

  it('has one list of the day when two processes come at once', async () => {
    const both = await Promise.all([runRetention(context, SCHEDULE), runRetention(context, SCHEDULE)]);
    expect(both.filter((run) => run !== undefined)).toHaveLength(1);
  });

  it('tells of no list that another process made while it looked', async () => {
    await due();
    const openWork = async () => {
      await runRetention(context, SCHEDULE);
      return new Set<never>();
    };
    await runIfDue({ ...context, openWork }, () => true, logger);
    expect(logger.info).not.toHaveBeenCalled();
    expect(logger.warn).not.toHaveBeenCalled();
    expect(await readRuns(database, 9)).toHaveLength(1);
  });

  it('tells of a failure and tries again', async () => {
    clockGuard.assertTrusted.mockImplementationOnce(() => {
      throw untrusted;
    });
    await runIfDue(context, () => true, logger);
    expect(logger.warn).toHaveBeenCalledWith({ code: 'CLOCK_UNTRUSTED' }, expect.any(String));
    clockGuard.assertTrusted.mockImplementationOnce(() => {
      throw new Error('defect');
    });
    await runIfDue(context, () => true, logger);
    expect(logger.warn).toHaveBeenCalledWith({ code: 'INTERNAL' }, expect.any(String));
    await runIfDue(context, () => true, logger);
    expect(await readRuns(database, 9)).toHaveLength(1);
  });

  it('looks every few minutes, and ends once what is under way has ended', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const end = scheduleRetention(context, () => true, logger);
      vi.advanceTimersByTime(RETENTION_CHECK_MS);
      await end();
      expect(await readRuns(database, 9)).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the operator', () => {
  let inService = true;
  const handlers = retentionAdministration(context, () => {
    if (!inService) throw vaultSealed();
  });
  const ask = (command: string, input = {}) => handlers[`retention.${command}`]!(input, 'hanako');

  it('makes a list at any time, and sees which were made but nobody in them', async () => {
    const ref = await due();
    const run = (await ask('run')) as ToldRun;
    expect(run).toMatchObject({ id: '1', startedBy: 'operator:hanako', candidates: 1 });
    expect(await entries()).toEqual([
      'operator:hanako Vault.retention allow intent 0',
      'operator:hanako Vault.retention allow run:1 1',
    ]);
    expect(await ask('list')).toEqual([run]);
    expect(JSON.stringify(await ask('list'))).not.toContain(ref);
  });

  it('is refused while the vault is not in service', async () => {
    inService = false;
    await expect(ask('run')).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    inService = true;
    expect((await entries())[1]).toBe('operator:hanako Vault.retentionRun refuse VAULT_SEALED 0');
  });

  it('adds a rule from a day on, once', async () => {
    const rule = { class: 'TAX_LEDGER', years: 10, validFrom: '2034-04-01', basis: '条例第3条' };
    await ask('addRule', rule);
    expect((await entries())[1]).toBe(
      'operator:hanako Vault.retentionRule allow TAX_LEDGER:10:from:2034-04-01 0',
    );
    expect(await ask('rules')).toContainEqual(rule);
    await expect(ask('addRule', rule)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(ask('addRule', { ...rule, class: 'ERASURE' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(ask('addRule', { ...rule, basis: '' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
