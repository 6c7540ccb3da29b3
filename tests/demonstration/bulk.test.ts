import { describe, expect, it } from 'vitest';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { takeOff } from '../../src/demonstration/bulk.js';
import { openDatabase, type Session } from '../../src/kernel/database/database.js';
import { plainDate } from '../../src/kernel/dates.js';
import { afterwards } from '../support/afterwards.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();

/** Looks at what a statement of the transaction does; nothing of it stays. */
async function looked<T>(look: (tx: Session) => Promise<T>): Promise<T> {
  const seen: T[] = [];
  const done = new Error('looked');
  await db.owner
    .transaction('look', async (tx) => {
      seen.push(await look(tx));
      throw done;
    })
    .catch((error: unknown) => {
      if (error !== done) throw error;
    });
  return seen[0] as T;
}

async function planOf(tx: Session, statement: string): Promise<string> {
  const lines = await tx.run('plan', ({ raw }) =>
    raw.unsafe<{ 'QUERY PLAN': string }[]>(`explain ${statement}`),
  );
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}

describe('a build in bulk', () => {
  it('leaves the index by which the guard of write-offs finds payments, and no other of the large tables', async () => {
    const left = await looked(async (tx) => {
      await takeOff(tx);
      const indexes = await tx.run(
        'indexes',
        ({ raw }) => raw<{ name: string }[]>`
        select indexrelid::regclass::text as name from pg_index
        where indrelid = any ('{records.addressee,records.levy_line,records.levy_balance,records.receipt,
          records.allocation}'::regclass[]) and not indisunique`,
      );
      await tx.run('noScan', ({ raw }) => raw`set local enable_seqscan to off`);
      return { indexes, plan: await planOf(tx, 'select from records.allocation where levy_id = 1') };
    });
    expect(left.indexes).toEqual([{ name: 'records.allocation_levy' }]);
    expect(left.plan).toContain('allocation_levy');
  });

  it('has plans made anew as its tables grow', async () => {
    // One connection carries all transactions: what is kept on it before the build is what its guards would go on with.
    const database = openDatabase({ url: db.urls.owner, application: 'tests', connections: 1 });
    afterwards(() => database.close());
    const kept = await database.transaction('prepare', async (tx) => {
      const run = (statement: string) => tx.run('prepare', ({ raw }) => raw.unsafe(statement));
      // Of no table, so that nothing else that the build does has it planned again; only its cost tells when it was.
      await run('prepare look as select from generate_series(1, 1000)');
      const plan = await planOf(tx, 'execute look');
      await run('set cpu_tuple_cost = 5');
      expect(await planOf(tx, 'execute look')).toBe(plan);
      return plan;
    });
    await buildDemonstration(database, { people: 60, seed: 1, referenceDate: plainDate('2026-11-01') });
    const anew = await database.transaction('look', (tx) => planOf(tx, 'execute look'));
    expect(anew).not.toBe(kept);
  });
});
