import { afterEach, describe, expect, test, vi } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import { Temporal } from '../../src/kernel/dates.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { HOUSEKEEPING_MS, VAULT_PURGED_ROWS_MAX } from '../../src/kernel/limits.js';
import { clearAway, keepHouse } from '../../src/vault/housekeeping.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';

const db = await testVaultDatabases();
const clock = { now: () => Temporal.Instant.from('2026-11-22T03:00:00Z') };
const trusted = { fault: undefined, assertTrusted: () => undefined, accept: () => undefined };
const context = {
  database: db.vault,
  shred: db.shred,
  audit: openAuditLog(db.vault),
  clock,
  clockGuard: trusted,
};
const logger = {
  warn: vi.fn<(facts: unknown, sentence?: string) => void>(),
  error: vi.fn<(facts: unknown, sentence?: string) => void>(),
};

afterEach(() => {
  vi.useRealTimers();
  logger.warn.mockClear();
  logger.error.mockClear();
});

/** Of each kind one row that stays, and so many that are over. */
async function fill(over: number): Promise<void> {
  await db.owner.vault.run(
    'tests.fill',
    ({ raw }) => raw`
      insert into vault.used_assertion
        (jti, body_digest, op, subjects, person_id, request_id, outcome, kept_until)
      select 'j' || n, '', 'status', '', 'P-1', 'r', 'done',
        timestamptz '2026-11-22T03:00:00Z' + case when n = 0 then interval '1 ms' else interval '0' end
      from generate_series(0, ${over}::int4) as n on conflict do nothing`,
  );
  await db.owner.vault.run(
    'tests.fill',
    ({ raw }) => raw`
      insert into vault.step_up (step_up_id, person_id, terminal_id, purpose, at, until)
      select 'SU-' || n, 'P-1', 'T-1', 'REFUND', '2026-11-22T02:55:00Z',
        timestamptz '2026-11-22T03:00:00Z' + case when n = 0 then interval '1 ms' else interval '0' end
      from generate_series(0, ${over}::int4) as n on conflict do nothing`,
  );
  await db.owner.vault.run(
    'tests.fill',
    ({ raw }) => raw`
      insert into vault.budget_use (person_id, unit, kind, subjects, at)
      select 'P-1', 'nozei', 'reveal', 1,
        timestamptz '2026-11-20T03:00:00Z' + case when n = 0 then interval '1 ms' else interval '0' end
      from generate_series(0, ${over}::int4) as n`,
  );
}

async function left(): Promise<number[]> {
  const [row] = await db.owner.vault.run(
    'tests.left',
    ({ raw }) => raw<{ counts: number[] }[]>`
      select array[(select count(*)::int4 from vault.used_assertion), (select count(*)::int4 from vault.step_up),
        (select count(*)::int4 from vault.budget_use)] as counts`,
  );
  return row?.counts ?? [];
}

describe('housekeeping', () => {
  test('forgets what is over, however much it is, and nothing else', async () => {
    await fill(VAULT_PURGED_ROWS_MAX + 1);
    await clearAway(context, logger);
    expect(await left()).toEqual([1, 1, 1]);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  test('forgets nothing under a clock that is not trusted, for what was used could be used again', async () => {
    await fill(2);
    const before = await left();
    const assertTrusted = () => {
      throw new KuramoriError('CLOCK_UNTRUSTED', 'Wrong.');
    };
    await clearAway({ ...context, clockGuard: { ...trusted, assertTrusted } }, logger);
    expect(await left()).toEqual(before);
    expect(logger.warn).toHaveBeenCalledWith(
      { what: 'usedAssertions', code: 'CLOCK_UNTRUSTED' },
      expect.any(String),
    );
  });

  test('tells of what failed and does the rest', async () => {
    await fill(2);
    const run = vi.spyOn(db.vault, 'run').mockRejectedValueOnce(new TypeError('a defect'));
    await clearAway(context, logger);
    run.mockRestore();
    expect(logger.warn.mock.calls).toEqual([
      [{ what: 'usedAssertions', code: 'INTERNAL' }, expect.any(String)],
    ]);
    expect((await left()).slice(0, 2)).toEqual([3, 1]);
  });

  test('comes round every hour until it is ended, which waits for the round', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await fill(2);
    const end = keepHouse(context, logger);
    vi.advanceTimersByTime(HOUSEKEEPING_MS - 1);
    expect((await left())[0]).toBe(3);
    vi.advanceTimersByTime(1);
    await end();
    expect((await left())[0]).toBe(1);
    await fill(2);
    vi.advanceTimersByTime(2 * HOUSEKEEPING_MS);
    expect((await left())[0]).toBe(3);
  });
});
