import { describe, expect, it } from 'vitest';
import { catchUp } from '../../src/audit/catchUp.js';
import { openAuditLog } from '../../src/audit/log.js';
import { Partitions } from '../../src/audit/partitions.js';
import { searchAuditEntries } from '../../src/audit/search.js';
import { verifySequence } from '../../src/audit/verify.js';
import { testDatabase } from '../support/database.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const SIZE = 5_000_000n;
const owner = (sql: string) => db.owner.run('test.prepare', ({ raw }) => raw.unsafe(sql));
const names = async () => {
  const rows = await db.owner.run(
    'test.partitions',
    ({ raw }) => raw<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit.record'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
};

describe('partitions of the audit log', () => {
  it('are made ahead of the head, by whoever is near the end, and once', async () => {
    expect(await names()).toEqual(['audit.record_000001', 'audit.record_000002', 'audit.record_000003']);
    // All three lie before the border: who comes last sees no head beyond it.
    const next = 2n * SIZE - 3n;
    await owner(
      `update audit.head set next_record = ${next}; update audit.indexed set next_record = ${next}`,
    );
    const logs = [openAuditLog(db.gateway), openAuditLog(db.gateway), openAuditLog(db.loader)];
    await Promise.all(logs.map((log) => log.append(recordOf())));
    expect(await names()).toEqual([
      'audit.record_000001',
      'audit.record_000002',
      'audit.record_000003',
      'audit.record_000004',
    ]);
  });

  it('let a record lie on either side of a border, found and sound', async () => {
    const log = openAuditLog(db.gateway);
    for (let turn = 0; turn < 4; turn++) await log.append(recordOf({ entries: [entryOf(), entryOf()] }));
    const { entries } = await searchAuditEntries(db.gateway, { subject: '000000012345' }, { size: 50 });
    expect(new Set(entries.map(({ recordNo }) => (recordNo - 1n) / SIZE))).toEqual(new Set([1n, 2n]));
    expect(entries.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 11 }, (_, i) => 11n - BigInt(i)),
    );
    expect(await verifySequence(db.gateway)).toMatchObject({ records: 7n, entries: 11n, faults: [] });
  });

  it('are made while appends and searches go on', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const open = db.gateway.transaction('test.open', async (tx) => {
      await openAuditLog(db.gateway).appendIn(tx, recordOf());
      await held;
    });
    await owner('select audit.ensure_partitions(5)');
    expect(await names()).toHaveLength(8);
    release();
    await open;
  });

  it('are as closed to changes as the first', async () => {
    await expect(owner('truncate audit.record_000008')).rejects.toMatchObject({
      facts: { sqlstate: '42501' },
    });
    await openAuditLog(db.gateway).append(recordOf());
    await catchUp(db.gateway);
    await expect(owner('delete from audit.record_000003')).rejects.toMatchObject({
      facts: { sqlstate: '42501' },
    });
  });

  it('cannot be made without bound', async () => {
    for (const ahead of [0, 17]) {
      await expect(
        db.gateway.run('test.ahead', ({ raw }) => raw`select audit.ensure_partitions(${ahead}::integer)`),
      ).rejects.toMatchObject({ facts: { sqlstate: '22023' } });
    }
  });

  it('are asked for again only near the end', async () => {
    const partitions = new Partitions(db.gateway);
    await partitions.cover();
    await owner('alter function audit.ensure_partitions(integer) rename to ensure_away');
    await partitions.cover();
    partitions.reached(2n * SIZE);
    partitions.reached(1n);
    await partitions.cover();
    partitions.reached(9n * SIZE);
    await expect(partitions.cover()).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    await owner('alter function audit.ensure_away(integer) rename to ensure_partitions');
  });
});
