import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { RefusalLog } from '../../../src/access/signin/refusallog.js';
import { openAuditLog } from '../../../src/audit/log.js';
import { SIGN_IN_ADDRESSES_MAX } from '../../../src/kernel/limits.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { auditEntries, origin } from '../support/house.js';

const db = await testDatabase();
const audit = openAuditLog(db.gateway);
const clock = new StandingClock('2026-11-02T00:00:00Z');

afterAll(() => audit.close());
afterEach(() => {
  vi.useRealTimers();
});

const summaries = async (address: string) =>
  (await auditEntries(db, 'Session.refusals'))
    .flatMap(({ entries }) => entries)
    .filter(({ reason }) => reason.endsWith(`from ${address}`))
    .map(({ rows }) => rows);
const admitted = (log: RefusalLog, address: string, times: number) =>
  Array.from({ length: times }, () => log.admits(address)).filter(Boolean).length;

describe('entries of refusals', () => {
  test('are ten a minute for each address, then one summary with the count', async () => {
    const log = new RefusalLog(audit, clock);
    expect([admitted(log, '10.0.0.1', 35), admitted(log, '10.0.0.2', 3)]).toEqual([10, 3]);
    clock.forward({ seconds: 59 });
    await log.flush(false);
    expect(await summaries('10.0.0.1')).toEqual([]);
    clock.forward({ seconds: 1 });
    await log.flush(false);
    expect([await summaries('10.0.0.1'), await summaries('10.0.0.2')]).toEqual([[25], []]);
    expect(admitted(log, '10.0.0.1', 1)).toBe(1);
    await log.close();
    expect(await summaries('10.0.0.1')).toEqual([25]);
  });

  test('of a new minute write the summary of the former one', async () => {
    const log = new RefusalLog(audit, clock);
    admitted(log, '10.0.1.1', 12);
    clock.forward({ minutes: 2 });
    expect(admitted(log, '10.0.1.1', 11)).toBe(10);
    await log.close();
    expect(await summaries('10.0.1.1')).toEqual([2, 1]);
  });

  test('are summed up each minute without anybody asking', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const log = new RefusalLog(audit, clock);
    admitted(log, '10.0.2.1', 15);
    clock.forward({ minutes: 1 });
    vi.advanceTimersByTime(60_000);
    await log.flush(false);
    expect(await summaries('10.0.2.1')).toEqual([5]);
    await log.close();
  });

  test('of too many addresses are summed up early instead of filling the memory', async () => {
    const log = new RefusalLog(audit, clock);
    admitted(log, '10.0.3.1', 14);
    for (let n = 0; n < SIGN_IN_ADDRESSES_MAX; n++) log.admits(`11.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    await log.flush(false);
    expect(await summaries('10.0.3.1')).toEqual([4]);
    await log.close();
  });

  test('that could not be summed up, because the log was away, are in the next summary', async () => {
    const log = new RefusalLog(audit, clock);
    admitted(log, '10.0.4.1', 13);
    await db.owner.run('test', ({ raw }) => raw.unsafe('alter table audit.block rename to block_away'));
    await log.flush();
    const event = {
      kind: 'tokenRefused',
      coordinate: 'Session.test',
      decision: 'refuse',
      at: clock.now(),
      from: origin({ address: '10.0.4.2' }),
    } as const;
    await expect(log.append(event)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await db.owner.run('test', ({ raw }) => raw.unsafe('alter table audit.block_away rename to block'));
    await log.close();
    expect(await summaries('10.0.4.1')).toEqual([3]);
  });

  test('that needed a genuine credential are always written', async () => {
    const log = new RefusalLog(audit, clock);
    admitted(log, '10.0.5.1', 10);
    const event = {
      kind: 'tokenRefused',
      coordinate: 'Session.genuine',
      decision: 'refuse',
      at: clock.now(),
      from: origin({ address: '10.0.5.1' }),
    } as const;
    await log.append({ ...event, genuine: true });
    await log.append(event);
    expect(await auditEntries(db, 'Session.genuine')).toHaveLength(1);
    await log.close();
  });
});
