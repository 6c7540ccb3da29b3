import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { catchUp, catchUpSome } from '../../src/audit/catchUp.js';
import { searchAuditEntries } from '../../src/audit/search.js';
import { verifySequence } from '../../src/audit/verify.js';
import { AUDIT_CATCH_UP_RECORDS } from '../../src/kernel/limits.js';
import { testDatabase } from '../support/database.js';
import { anyRecord } from './arbitrary.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const SEED = 20_261_122;

async function behind(): Promise<bigint> {
  const rows = await db.owner.run(
    'test.behind',
    ({ raw }) => raw<{ n: bigint }[]>`
    select h.next_record - i.next_record as n from audit.head h cross join audit.indexed i`,
  );
  return rows[0]!.n;
}

async function nextRecord(): Promise<bigint> {
  const rows = await db.owner.run(
    'test.head',
    ({ raw }) => raw<{ n: bigint }[]>`select next_record as n from audit.head`,
  );
  return rows[0]!.n;
}

const append = (records: number) =>
  appendBatch(
    db.gateway,
    Array.from({ length: records }, (_, i) => prepare(recordOf({ actorId: `S${i}` }))),
  );

describe('entering what was appended', () => {
  it('is what a search does first: it finds what was appended a moment ago', async () => {
    await append(3);
    expect(await behind()).toBe(3n);
    const { entries } = await searchAuditEntries(db.gateway, { actorId: 'S2' }, { size: 5 });
    expect(entries).toHaveLength(1);
    expect(await behind()).toBe(0n);
  });

  it('goes on in steps, whole batches at a time, and tells how many are left', async () => {
    for (let batch = 0; batch < 5; batch++) await append(10);
    expect(await catchUpSome(db.gateway, 25, 'leavesIt')).toMatchObject({ behind: 30n });
    expect(await catchUpSome(db.gateway, 1, 'waits')).toMatchObject({ behind: 20n });
    await catchUp(db.gateway);
    expect(await behind()).toBe(0n);
    expect(await catchUpSome(db.gateway, 15, 'waits')).toMatchObject({ behind: 0n });
  });

  it('takes more than one step at a time can hold', async () => {
    const batch = 500;
    for (let written = 0; written <= AUDIT_CATCH_UP_RECORDS; written += batch) await append(batch);
    await catchUp(db.gateway);
    expect(await behind()).toBe(0n);
    expect((await verifySequence(db.gateway)).faults).toEqual([]);
  });

  it('is done by one at a time: another leaves it, or waits', async () => {
    await append(4);
    await db.owner.transaction('test.hold', async (tx) => {
      await tx.run('test.hold', ({ raw }) => raw`select from audit.indexed for update`);
      expect(await catchUpSome(db.gateway, 10, 'leavesIt')).toBeUndefined();
      const waiting = catchUp(db.gateway);
      await tx.run('test.done', ({ raw }) => raw`select pg_sleep(0.05)`);
      expect(await behind()).toBe(4n);
      void waiting.catch(() => undefined);
    });
    await Promise.all(Array.from({ length: 8 }, () => catchUp(db.gateway)));
    expect(await behind()).toBe(0n);
    expect((await verifySequence(db.gateway)).faults).toEqual([]);
  });

  it.each([0, 100_001])('refuses %i records at a time', async (records) => {
    await expect(catchUpSome(db.gateway, records, 'waits')).rejects.toMatchObject({
      facts: { sqlstate: '22023' },
    });
  });

  it('shows the same entries before and after, to those who read the log in SQL and to those who search', async () => {
    const start = (await verifySequence(db.gateway)).entries;
    const first = await nextRecord();
    const records = [
      ...fc.sample(anyRecord, { numRuns: 60, seed: SEED }),
      recordOf({
        entries: [entryOf(), entryOf({ coordinate: 'Addressee.name', decision: 'mask', raised: true })],
      }),
    ];
    for (const record of records) await appendBatch(db.gateway, [prepare(record)]);
    const shown = async () => [
      ...(await db.gateway.run(
        'test.entries',
        ({ raw }) => raw`
        select sequence, record_no, coordinate, decision, reason, rows, raised, subjects, context from audit.entry
        where record_no >= ${String(first)}::bigint order by sequence`,
      )),
    ];
    const before = await shown();
    expect(before).toHaveLength(records.reduce((sum, { entries }) => sum + entries.length, 0));
    const found = [];
    let next: bigint | undefined;
    do {
      const page = await searchAuditEntries(db.gateway, {}, { size: 200, ...(next ? { before: next } : {}) });
      found.push(...page.entries);
      next = page.nextCursor;
    } while (next !== undefined && next > start);
    expect(await shown()).toEqual(before);
    const lines = found
      .filter(({ sequence }) => sequence > start)
      .toReversed()
      .map(({ sequence, recordNo, coordinate, decision, reason, rows, raised, subjects, ...context }) => ({
        sequence,
        record_no: recordNo,
        coordinate,
        decision,
        reason: reason ?? null,
        rows: BigInt(rows),
        raised,
        subjects: [...subjects],
        context: { ...context, v: 2 },
      }));
    expect(lines).toEqual(before.map((line) => ({ ...line })));
  });
});
