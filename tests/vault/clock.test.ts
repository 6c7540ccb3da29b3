import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import type { Clock } from '../../src/kernel/clock.js';
import { CLOCK_BEHIND_LOG_MS_MAX, CLOCK_DIVERGENCE_MS_MAX } from '../../src/kernel/limits.js';
import { CLOCK_ACCEPTED_COORDINATE, openClockGuard } from '../../src/vault/clock.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';
import { instant } from './http/support.js';

const db = await testVaultDatabases();
const audit = openAuditLog(db.vault);

/** A wall clock and a monotonic one that a test moves. */
function clocks(at: string): {
  clock: Clock;
  monotonic: () => number;
  wall: (ms: number) => void;
  both: (ms: number) => void;
} {
  let now = instant(at);
  let elapsed = 1_000;
  return {
    clock: { now: () => now },
    monotonic: () => elapsed,
    wall: (ms) => (now = now.add({ milliseconds: ms })),
    both: (ms) => {
      now = now.add({ milliseconds: ms });
      elapsed += ms;
    },
  };
}

const append = (at: string, coordinate = 'Vault.open') =>
  audit.append({
    kind: 'configuration',
    at,
    requestId: randomUUID(),
    actorId: 'operator:hanako',
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: '',
    clientApp: '',
    purpose: '',
    entries: [{ coordinate, decision: 'allow', rows: 0, subjects: [] }],
  });
const guardAt = (at: string) => openClockGuard(db.vault, clocks(at).clock);

describe('the clock against the log', () => {
  test('an empty log says nothing', async () => {
    expect((await guardAt('2020-01-01T00:00:00Z')).fault).toBeUndefined();
  });

  describe('with a last durable entry of 2026-11-02T10:00:00Z', () => {
    beforeAll(() => append('2026-11-02T10:00:00.000Z'));

    test.each([
      ['2026-10-31T10:00:00Z', 'behindLog'],
      ['2026-11-02T09:59:58.999Z', 'behindLog'],
      ['2026-11-02T09:59:59Z', undefined],
      ['2026-11-02T10:00:00Z', undefined],
      ['2026-11-03T10:00:00Z', undefined],
    ])('a host clock of %s: %s', async (at, fault) => {
      const guard = await guardAt(at);
      expect(guard.fault).toBe(fault);
      if (fault === undefined) guard.assertTrusted();
      else expect(() => guard.assertTrusted()).toThrow(expect.objectContaining({ code: 'CLOCK_UNTRUSTED' }));
    });

    test('entries of refusals, dated by the wrong clock, do not make it right', async () => {
      await append('2026-10-31T10:00:01.000Z');
      expect((await guardAt('2026-10-31T10:00:02Z')).fault).toBe('behindLog');
    });

    test('an officer’s entry does, for the next start too', async () => {
      const guard = await guardAt('2026-10-31T11:00:00Z');
      expect(guard.fault).toBe('behindLog');
      await append('2026-10-31T11:00:00.000Z', CLOCK_ACCEPTED_COORDINATE);
      guard.accept();
      guard.assertTrusted();
      expect((await guardAt('2026-10-31T11:00:05Z')).fault).toBeUndefined();
      expect((await guardAt('2026-10-31T10:59:00Z')).fault).toBe('behindLog');
    });
  });
});

describe('the clock against itself', () => {
  const open = async (at = '2030-01-01T00:00:00Z') => {
    const moved = clocks(at);
    return { moved, guard: await openClockGuard(db.vault, moved.clock, moved.monotonic) };
  };

  test('time that goes on in both is trusted, days of it', async () => {
    const { moved, guard } = await open();
    moved.both(10 * 86_400_000);
    guard.assertTrusted();
  });

  test.each([
    [CLOCK_DIVERGENCE_MS_MAX, undefined],
    [CLOCK_DIVERGENCE_MS_MAX + 1, 'divergence'],
    [-CLOCK_BEHIND_LOG_MS_MAX, undefined],
    [-CLOCK_BEHIND_LOG_MS_MAX - 1, 'behindLog'],
  ])('a wall clock that is set by %i ms: %s', async (ms, fault) => {
    const { moved, guard } = await open();
    moved.wall(ms);
    expect(guard.fault).toBe(fault);
  });

  test('once untrusted it stays so when it is set back, until it is accepted', async () => {
    const { moved, guard } = await open();
    moved.wall(3_600_000);
    expect(guard.fault).toBe('divergence');
    moved.wall(-3_600_000);
    expect(guard.fault).toBe('divergence');
    guard.accept();
    guard.assertTrusted();
    moved.wall(-2_000);
    expect(guard.fault).toBe('behindLog');
  });
});
