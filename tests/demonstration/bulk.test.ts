import { describe, expect, it } from 'vitest';
import { planAnew, takeOff } from '../../src/demonstration/bulk.js';
import type { Session } from '../../src/kernel/database/database.js';
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

  it('has the guards plan anew for tables that have grown', async () => {
    const plans = await looked(async (tx) => {
      const run = (statement: string) => tx.run('grow', ({ raw }) => raw.unsafe(statement));
      await run('create temporary table grown (id int)');
      await run('prepare look as select from grown');
      const empty = await planOf(tx, 'execute look');
      await run('insert into grown select generate_series(1, 50000)');
      const kept = await planOf(tx, 'execute look');
      await planAnew(tx);
      return { empty, kept, anew: await planOf(tx, 'execute look') };
    });
    expect(plans.kept).toBe(plans.empty);
    expect(plans.anew).not.toBe(plans.empty);
  });
});
