import { describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import { verifySequence } from '../../src/audit/verify.js';
import type { Database } from '../../src/kernel/database/database.js';
import { recordOf } from '../audit/records.js';
import { testDatabase } from '../support/database.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';

const records = await testDatabase();
const vault = await testVaultDatabases();

/** Everything about the log's schema that PostgreSQL knows, but whom it is granted to. */
async function shapeOf(database: Database): Promise<readonly string[]> {
  const rows = await database.run(
    'test.shape',
    ({ raw }) => raw<{ line: string }[]>`
    select 'column ' || table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' ||
      coalesce(column_default, '') as line from information_schema.columns where table_schema = 'audit'
    union all select 'index ' || indexdef from pg_indexes where schemaname = 'audit'
    union all select 'constraint ' || conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'audit'::regnamespace
    union all select 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || tgenabled::text from pg_trigger t
      join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'audit'::regnamespace
    union all select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = 'audit'::regnamespace
    union all select 'view ' || pg_get_viewdef(oid) from pg_class
      where relnamespace = 'audit'::regnamespace and relkind = 'v'
    order by 1`,
  );
  return rows.map(({ line }) => line);
}

describe('the log of the vault', () => {
  it('has the same schema as the log of the records', async () => {
    const here = await shapeOf(vault.owner.vault);
    expect(here.length).toBeGreaterThan(50);
    expect(here).toEqual(await shapeOf(records.owner));
  });

  it('is written and checked by the same library, as the role of the vault', async () => {
    const log = openAuditLog(vault.vault);
    await log.append(recordOf());
    await vault.vault.transaction('test.change', (tx) => log.appendAhead(tx, recordOf()));
    await log.flushed();
    await log.close();
    expect(await verifySequence(vault.vault)).toMatchObject({ records: 2n, faults: [] });
  });

  it('cannot be changed by the vault', async () => {
    for (const sql of [
      'delete from audit.record',
      'update audit.block set bodies = bodies',
      'update audit.indexed set next_record = 9',
      'update audit.head set next_record = 1',
      'truncate audit.subject',
    ]) {
      await expect(
        vault.vault.run('test.attempt', ({ raw }) => raw.unsafe(sql)),
        sql,
      ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
    }
  });
});
