import { beforeEach, describe, expect, it, vi } from 'vitest';
import { KuramoriError } from '../../src/kernel/errors.js';
import { raiseDaily } from '../../src/vault/alarm.js';
import { analysisAlarms } from '../../src/vault/analysis/due.js';
import { raiseAlarms } from '../../src/vault/housekeeping.js';
import { done } from './operation/support/two.js';
import { analysedVault, moveTo } from './analysis/support/vault.js';

const { vault, officer, ask, reviews } = await analysedVault();
const { context, databases } = vault;
const logger = {
  warn: vi.fn<(facts: unknown, sentence?: string) => void>(),
  error: vi.fn<(facts: { readonly what: string }, sentence?: string) => void>(),
};
const raised = async () => {
  const rows = await databases.owner.vault.run(
    'test.alarms',
    ({ raw }) => raw<{ coordinate: string; reason: string }[]>`
    select coordinate, reason from audit.entry
    where (coordinate like 'Alarm.analysis%' or coordinate = 'Alarm.test') and raised order by sequence`,
  );
  return rows.map(({ coordinate, reason }) => `${coordinate} ${reason}`);
};
beforeEach(() => {
  logger.warn.mockClear();
  logger.error.mockClear();
});

describe('an analysis', () => {
  const MISSING = ['Alarm.analysisMissing monthly:nozei:2026-11-01'];

  it('is missed 15 days after the end of its month, once a day, for as long as it is not there', async () => {
    moveTo(vault, '2026-12-14');
    expect(await analysisAlarms(context)).toEqual([]);
    moveTo(vault, '2026-12-15');
    for (let round = 0; round < 3; round += 1) await raiseAlarms(context, logger);
    expect(await raised()).toEqual(MISSING);
    const missing = { what: 'analysisMissing', subject: 'monthly:nozei:2026-11-01' };
    expect(logger.error.mock.calls.filter(([{ what }]) => what === 'analysisMissing')).toEqual(
      Array.from({ length: 3 }, () => [missing, 'a duty is overdue']),
    );
    moveTo(vault, '2026-12-16');
    await raiseAlarms(context, logger);
    expect(await raised()).toEqual([...MISSING, ...MISSING]);
  });

  it('that nobody reviews is raised after its day, until somebody has', async () => {
    const run = await ask('run', { kind: 'monthly', unit: 'nozei', month: '2026-11' });
    expect(run.reviewBy).toBe('2026-12-30');
    moveTo(vault, '2026-12-30');
    expect(await analysisAlarms(context)).toEqual([]);
    moveTo(vault, '2026-12-31');
    expect(await analysisAlarms(context)).toEqual([
      { what: 'analysisUnreviewed', subject: `${run.runId}:by:2026-12-30` },
    ]);
    done(await reviews(officer, run));
    expect(await analysisAlarms(context)).toEqual([]);
  });

  it('of a quarter is missed as well', async () => {
    moveTo(vault, '2027-01-15');
    expect((await analysisAlarms(context)).map(({ subject }) => subject)).toEqual([
      'monthly:nozei:2026-12-01',
      'quarterly:all:2026-10-01',
    ]);
    await ask('run', { kind: 'quarterly', month: '2026-10' });
    expect((await analysisAlarms(context)).map(({ subject }) => subject)).toEqual([
      'monthly:nozei:2026-12-01',
    ]);
  });
});

describe('what cannot be looked at', () => {
  it('is told of, and tried again', async () => {
    const assertTrusted = () => {
      throw new KuramoriError('CLOCK_UNTRUSTED', 'Wrong.');
    };
    await raiseAlarms({ ...context, clockGuard: { ...context.clockGuard, assertTrusted } }, logger);
    expect(logger.warn).toHaveBeenCalledWith(
      { what: 'analyses', code: 'CLOCK_UNTRUSTED' },
      expect.any(String),
    );
    const run = vi.spyOn(context.database, 'run').mockRejectedValueOnce(new TypeError('a defect'));
    await raiseAlarms(context, logger);
    run.mockRestore();
    expect(logger.warn).toHaveBeenCalledWith({ what: 'analyses', code: 'INTERNAL' }, expect.any(String));
  });
});

it('an alarm that two raise at once is one entry', async () => {
  const before = (await raised()).length;
  const alarm = { what: 'test', subject: 'twice' };
  const outcomes = await Promise.all([raiseDaily(context, alarm), raiseDaily(context, alarm)]);
  expect(outcomes.toSorted()).toEqual([false, true]);
  expect(await raised()).toHaveLength(before + 1);
});
