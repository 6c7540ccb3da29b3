import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { openAuditLog } from '../../src/audit/log.js';
import { verifySequence } from '../../src/audit/verify.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import type { KuramoriError } from '../../src/kernel/errors.js';
import { AUDIT_APPEND_MS_MAX } from '../../src/kernel/limits.js';
import { testDatabase } from '../support/database.js';
import { recordOf } from './records.js';

const db = await testDatabase();
const application = 'audit-outage';
const pool = openDatabase({ url: db.urls.gateway, application, connections: 3 });
const log = openAuditLog(pool);
afterAll(() => pool.close());

const SLACK_MS = 700;
const owner = (sql: string) => db.owner.run('test.prepare', ({ raw }) => raw.unsafe(sql));

/** Appends at a steady pace and tells how each append ended and how long it took. */
async function appendFor(ms: number): Promise<{ refusal: KuramoriError | undefined; took: number }[]> {
  const started: Promise<{ refusal: KuramoriError | undefined; took: number }>[] = [];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const begun = performance.now();
    started.push(
      log.append(recordOf()).then(
        () => ({ refusal: undefined, took: performance.now() - begun }),
        (refusal: KuramoriError) => ({ refusal, took: performance.now() - begun }),
      ),
    );
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  return Promise.all(started);
}

/** Does `work` while another transaction holds what the statement locks. */
async function holding(lock: string, work: () => Promise<void>): Promise<void> {
  await db.owner.transaction('test.hold', async (tx) => {
    await tx.run('test.hold', ({ raw }) => raw.unsafe(lock));
    await work();
  });
}

const LOCK_HEAD = 'select from audit.head for update';

async function backends(): Promise<number[]> {
  const rows = await db.owner.run(
    'test.backends',
    ({ raw }) =>
      raw<{ pid: number }[]>`select pid from pg_stat_activity where application_name = ${application}`,
  );
  return rows.map((row) => row.pid);
}

/** Whether searches see everything that was appended: the log does nothing by itself then. */
async function isEntered(): Promise<boolean> {
  const rows = await db.owner.run(
    'test.entered',
    ({ raw }) => raw`
    select from audit.head h join audit.indexed i using (next_record)`,
  );
  return rows.length === 1;
}

async function expectSound(): Promise<void> {
  await log.append(recordOf());
  expect((await verifySequence(db.gateway)).faults).toEqual([]);
}

describe('the audit log, when it cannot be written,', () => {
  it('refuses every append within the deadline while its table is away, and recovers', async () => {
    await log.append(recordOf());
    const ongoing = appendFor(600);
    await owner('alter table audit.block rename to block_away');
    const seen = await ongoing;
    const after = await appendFor(200);
    await owner('alter table audit.block_away rename to block');
    for (const { took } of [...seen, ...after]) expect(took).toBeLessThan(AUDIT_APPEND_MS_MAX + SLACK_MS);
    expect(after.length).toBeGreaterThan(0);
    for (const { refusal } of after) {
      expect(refusal).toMatchObject({
        code: 'AUDIT_UNAVAILABLE',
        facts: { hindrance: 'database', outcome: 'notWritten' },
      });
    }
    await expectSound();
  });

  it('refuses every append within the deadline while its table is locked, and recovers', async () => {
    let seen: Awaited<ReturnType<typeof appendFor>> = [];
    await holding('lock table audit.block in access exclusive mode', async () => {
      seen = await appendFor(300);
    });
    expect(seen.length).toBeGreaterThan(0);
    for (const { refusal, took } of seen) {
      expect(refusal).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
      expect(took).toBeLessThan(AUDIT_APPEND_MS_MAX + SLACK_MS);
    }
    await expectSound();
  });

  it('says that the outcome is unknown, and goes on, when a server process hangs', async () => {
    await log.append(recordOf());
    // Nobody but the appends is to meet the one that hangs.
    await expect.poll(isEntered).toBe(true);
    const [hung] = await backends();
    process.kill(hung!, 'SIGSTOP');
    try {
      const all = await appendFor(300);
      // Connections are taken in turn: until the hung one's turn has come, appends go well.
      const seen = all.slice(all.findIndex(({ refusal }) => refusal !== undefined));
      expect(seen.some(({ refusal }) => refusal?.facts['outcome'] === 'unknown')).toBe(true);
      for (const { refusal, took } of seen) {
        expect(refusal).toMatchObject({ code: 'AUDIT_UNAVAILABLE', facts: { hindrance: 'deadline' } });
        expect(took).toBeLessThan(AUDIT_APPEND_MS_MAX + SLACK_MS);
      }
      // The hung flush is left to itself after AUDIT_FLUSH_MS_MAX; then another connection serves.
      await expect
        .poll(
          () =>
            log.append(recordOf()).then(
              () => true,
              () => false,
            ),
          { timeout: 15_000 },
        )
        .toBe(true);
    } finally {
      process.kill(hung!, 'SIGCONT');
    }
    await expectSound();
  }, 40_000);

  it('says that the outcome is unknown when the connection is lost in an append, and never appends twice', async () => {
    await log.append(recordOf());
    await holding(LOCK_HEAD, async () => {
      const append = log.append(recordOf({ requestId: 'lost' }));
      const rejected = expect(append).rejects.toMatchObject({
        code: 'AUDIT_UNAVAILABLE',
        facts: { outcome: 'unknown' },
      });
      await expect
        .poll(
          async () =>
            (
              await db.owner.run(
                'test.kill',
                ({ raw }) => raw`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = ${application} and wait_event_type = 'Lock'`,
              )
            ).length,
          { interval: 5 },
        )
        .toBe(1);
      await rejected;
    });
    await expectSound();
    const rows = await db.owner.run(
      'test.twice',
      ({ raw }) => raw`select from audit.entry where context ->> 'requestId' = 'lost'`,
    );
    expect(rows).toHaveLength(0);
  });

  it('refuses at once when too many wait', async () => {
    const small = openAuditLog(pool, { queueRecords: 5 });
    await small.append(recordOf());
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => small.append(recordOf())));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(14);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({
        code: 'AUDIT_UNAVAILABLE',
        facts: { hindrance: 'queueFull', outcome: 'notWritten' },
      });
    }
  });

  it('forgets records whose deadline passed while they waited, without writing them', async () => {
    const hasty = openAuditLog(pool, { appendMs: 150 });
    await hasty.append(recordOf());
    await holding(LOCK_HEAD, async () => {
      const inFlight = expect(hasty.append(recordOf({ requestId: 'in flight' }))).rejects.toMatchObject({
        facts: { hindrance: 'deadline', outcome: 'unknown' },
      });
      await nextTurn();
      await expect(hasty.append(recordOf({ requestId: 'waiting' }))).rejects.toMatchObject({
        facts: { hindrance: 'deadline', outcome: 'notWritten' },
      });
      await inFlight;
    });
    await hasty.close();
    const rows = await db.owner.run(
      'test.waiting',
      ({ raw }) => raw<{ id: string }[]>`
      select context ->> 'requestId' as id from audit.entry where context ->> 'requestId' in ('in flight', 'waiting')`,
    );
    expect([...rows]).toEqual([{ id: 'in flight' }]);
  });

  it('writes nothing of a batch whose deadlines all passed before it was sent', async () => {
    const hasty = openAuditLog(pool, { appendMs: 100 });
    await holding('select pg_advisory_xact_lock(7270002)', async () => {
      await expect(hasty.append(recordOf({ requestId: 'unsent' }))).rejects.toMatchObject({
        facts: { hindrance: 'deadline', outcome: 'notWritten' },
      });
    });
    await hasty.close();
    const rows = await db.owner.run(
      'test.unsent',
      ({ raw }) => raw`select from audit.entry where context ->> 'requestId' = 'unsent'`,
    );
    expect(rows).toHaveLength(0);
  });

  it('refuses in the transaction of a change as well', async () => {
    await owner('alter table audit.block rename to block_away');
    await expect(
      db.gateway.transaction('test.change', (tx) => log.appendIn(tx, recordOf())),
    ).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      facts: { outcome: 'notWritten' },
    });
    await owner('alter table audit.block_away rename to block');
    await expectSound();
  });

  it('waits for the disk even where the session would not', async () => {
    const hasty = await db.gateway.transaction('test.commit', async (tx) => {
      await tx.run('test.hasty', ({ raw }) => raw.unsafe('set local synchronous_commit = off'));
      await appendBatch(tx, [prepare(recordOf())]);
      return tx.run(
        'test.setting',
        ({ raw }) => raw<{ synchronous_commit: string }[]>`show synchronous_commit`,
      );
    });
    expect(hasty[0]?.synchronous_commit).toBe('on');
  });
});
