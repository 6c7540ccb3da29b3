import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/audit/batch.js';
import { openAuditLog } from '../../src/audit/log.js';
import type { Appended } from '../../src/audit/record.js';
import { verifySequence } from '../../src/audit/verify.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';
import { anyRecord } from './arbitrary.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const head = async () => {
  const rows = await db.owner.run(
    'test.head',
    ({ raw }) =>
      raw<
        { next_record: bigint; next_sequence: bigint }[]
      >`select next_record, next_sequence from audit.head`,
  );
  return rows[0];
};

describe('the audit log', () => {
  it('stores exactly the bytes it was given, whatever the texts', async () => {
    const log = openAuditLog(db.gateway);
    await fc.assert(
      fc.asyncProperty(anyRecord, async (record) => {
        const { recordNo } = await log.append(record);
        const rows = await db.owner.run(
          'test.body',
          ({ raw }) =>
            raw<
              { body: Buffer }[]
            >`select body from audit.written where record_no = ${String(recordNo)}::bigint`,
        );
        expect(rows[0]?.body.equals(Buffer.from(prepare(record).body))).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect((await verifySequence(db.gateway)).faults).toEqual([]);
  });

  it('numbers entries without a gap under 32 writers of two processes, with transactions that abort', async () => {
    const before = await head();
    const pool = () => openDatabase({ url: db.urls.gateway, application: 'audit', connections: 3 });
    const databases: Database[] = [pool(), pool()];
    const logs = databases.map((database) => openAuditLog(database));
    const got: { appended: Appended; entries: number }[] = [];
    await Promise.all(
      Array.from({ length: 32 }, async (_, writer) => {
        const log = logs[writer % 2]!;
        for (let turn = 0; turn < 15; turn++) {
          const entries = Array.from({ length: 1 + ((writer + turn) % 4) }, () =>
            entryOf({ subjects: [`${writer}`, '7'] }),
          );
          const record = recordOf({ actorId: `W${writer}`, entries });
          const aborts = turn % 5 === 4;
          if (writer % 4 !== 0) got.push({ appended: await log.append(record), entries: entries.length });
          else {
            const done = db.gateway.transaction('test.change', async (tx) => {
              const appended = await log.appendIn(tx, record);
              if (aborts) throw new Error('changed my mind');
              got.push({ appended, entries: entries.length });
            });
            if (aborts) await expect(done).rejects.toThrow('changed my mind');
            else await done;
          }
        }
      }),
    );
    await Promise.all(logs.map((log) => log.close()));
    await Promise.all(databases.map((database) => database.close()));
    const inOrder = got.toSorted((a, b) => Number(a.appended.recordNo - b.appended.recordNo));
    let expected = { recordNo: before!.next_record, firstSequence: before!.next_sequence };
    for (const { appended, entries } of inOrder) {
      expect(appended).toEqual(expected);
      expected = {
        recordNo: expected.recordNo + 1n,
        firstSequence: expected.firstSequence + BigInt(entries),
      };
    }
    expect(await head()).toEqual({ next_record: expected.recordNo, next_sequence: expected.firstSequence });
    expect((await verifySequence(db.gateway)).faults).toEqual([]);
  });

  it('shares commits between records that come together', async () => {
    const log = openAuditLog(db.gateway);
    const before = await head();
    await Promise.all(Array.from({ length: 300 }, () => log.append(recordOf())));
    const commits = await db.owner.run(
      'test.commits',
      ({ raw }) => raw<{ count: bigint }[]>`
      select count(*) from audit.block where first_record >= ${String(before!.next_record)}::bigint`,
    );
    expect(commits[0]!.count).toBeLessThan(10n);
  });

  it('leaves no record of a change that was rolled back', async () => {
    const log = openAuditLog(db.gateway);
    const before = await head();
    await expect(
      db.gateway.transaction('test.change', async (tx) => {
        await log.appendIn(tx, recordOf());
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await head()).toEqual(before);
  });

  it.each([
    ['a quick disk waits for it itself', {}, undefined],
    ['a slow one leaves that to a flush', { quickCommitMs: -1 }, true],
  ] as const)('says whether the commit of a change on %s', async (_, options, isAhead) => {
    const log = openAuditLog(db.gateway, options);
    const mode = await db.gateway.transaction('test.change', async (tx) => {
      const appended = await log.appendAhead(tx, recordOf());
      expect(appended.isAhead).toBe(isAhead);
      return tx.run(
        'test.setting',
        ({ raw }) => raw<{ synchronous_commit: string }[]>`show synchronous_commit`,
      );
    });
    expect(mode[0]?.synchronous_commit).toBe(isAhead ? 'off' : 'on');
    await log.flushed();
    await log.close();
  });

  it('refuses a record in a transaction that has failed before', async () => {
    const log = openAuditLog(db.gateway);
    await expect(
      db.gateway.transaction('test.change', async (tx) => {
        await tx.run('test.bad', ({ raw }) => raw`select 1 / 0`).catch(() => undefined);
        await log.appendIn(tx, recordOf());
      }),
    ).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', facts: { outcome: 'notWritten' } });
  });

  it('answers a defective record with a rejection and lets its neighbours through', async () => {
    const log = openAuditLog(db.gateway);
    const results = await Promise.allSettled([
      log.append(recordOf()),
      log.append(recordOf({ entries: [] })),
      log.append(recordOf()),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(
      db.gateway.transaction('test.change', (tx) => log.appendIn(tx, recordOf({ terminal: '\u0000' }))),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('writes what waits when it closes, and takes nothing after', async () => {
    const log = openAuditLog(db.gateway);
    const waiting = Promise.all(Array.from({ length: 50 }, () => log.append(recordOf())));
    await log.close();
    expect(await waiting).toHaveLength(50);
    await expect(log.append(recordOf())).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      facts: { hindrance: 'closed', outcome: 'notWritten' },
    });
    await openAuditLog(db.gateway).close();
  });

  it('takes a load of records as the loader', async () => {
    const log = openAuditLog(db.loader);
    const appended = await db.loader.transaction('test.load', (tx) =>
      log.appendIn(tx, recordOf({ kind: 'load' })),
    );
    expect(appended.recordNo).toBeGreaterThan(0n);
  });
});
