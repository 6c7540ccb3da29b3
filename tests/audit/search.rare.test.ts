import { beforeAll, describe, expect, it } from 'vitest';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { catchUp } from '../../src/audit/catchUp.js';
import { searchAuditEntries, type AuditFilter } from '../../src/audit/search.js';
import type { Database, Session } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const BATCHES = 40;
const SIZE = 500;
/** After so many a statement that is kept has the plan that it keeps. */
const TIMES = 12;

beforeAll(async () => {
  const clerk = recordOf({
    actorId: 'CLERK',
    purpose: 'REFUND',
    entries: [entryOf({ coordinate: 'Levy.note' })],
  });
  await appendBatch(db.gateway, [prepare(clerk)]);
  const job = prepare(recordOf({ actorId: 'JOB', entries: [entryOf({ coordinate: 'Levy.amount' })] }));
  const batch = Array.from({ length: SIZE }, () => job);
  for (let at = 0; at < BATCHES; at++) await appendBatch(db.gateway, batch);
  await catchUp(db.gateway);
  await db.owner.run('test.analyze', ({ raw }) => raw.unsafe('analyze'));
}, 60_000);

/** Rows of the log's records that the transaction's connection has fetched and not yet told of. */
async function told(tx: Session): Promise<bigint> {
  const [counts] = await tx.run(
    'test.counts',
    ({ raw }) => raw<{ rows: bigint }[]>`
    select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint as rows
    from pg_stat_xact_user_tables where schemaname = 'audit' and relname like 'record%'`,
  );
  return counts?.rows ?? 0n;
}

async function fetched(filter: AuditFilter): Promise<{ readonly rows: bigint; readonly found: number }> {
  let rows = 0n;
  const counted: Database = {
    ...db.gateway,
    transaction: (name, work) =>
      db.gateway.transaction(name, async (tx) => {
        const before = await told(tx);
        const result = await work(tx);
        rows = (await told(tx)) - before;
        return result;
      }),
  };
  const { entries } = await searchAuditEntries(counted, filter, { size: 20 });
  return { rows, found: entries.length };
}

describe('in a log that a job wrote nearly all of', () => {
  it.each<[string, AuditFilter]>([
    ['a clerk', { actorId: 'CLERK' }],
    ['a clerk and a coordinate', { actorId: 'CLERK', coordinate: 'Levy.note' }],
    ['a coordinate', { coordinate: 'Levy.note' }],
    ['a purpose', { purpose: 'REFUND' }],
  ])('the one record of %s is found without the others being read, each time', async (_, filter) => {
    for (let time = 0; time < TIMES; time++) {
      const { rows, found } = await fetched(filter);
      expect(found).toBe(1);
      expect(rows).toBeGreaterThanOrEqual(1n);
      expect(rows).toBeLessThan(10n);
    }
  });

  it('what the job wrote is found from the newest on', async () => {
    for (let time = 0; time < TIMES; time++) {
      const { rows, found } = await fetched({ actorId: 'JOB', coordinate: 'Levy.amount' });
      expect(found).toBe(20);
      expect(rows).toBeLessThan(1_000n);
    }
  });
});
