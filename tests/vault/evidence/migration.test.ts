import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { openDatabase } from '../../../src/kernel/database/database.js';
import { migrate, assertMigrated } from '../../../src/kernel/database/migrations.js';
import { VAULT_MIGRATIONS } from '../../../src/kernel/paths.js';

/** The release before evidence. */
const BEFORE = ['0000_audit.sql', '0001_vault.sql'];

const name = `kuramori_evidence_landed_${process.pid}`;
const admin = openDatabase({ url: inject('adminUrl'), application: 'tests', connections: 1 });
await admin.run('test.create', ({ raw }) => raw.unsafe(`create database ${name}`));
const url = new URL(inject('adminUrl'));
url.pathname = `/${name}`;
const owner = openDatabase({ url: url.toString(), application: 'tests', connections: 2 });
const folder = mkdtempSync(join(tmpdir(), 'kuramori-landed-'));
afterAll(async () => {
  await owner.close();
  await admin.run('test.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});
const run = (sql: string) => owner.run('test.sql', async ({ raw }) => [...(await raw.unsafe(sql))]);

it('keeps the keys of a vault that is at work, and gives it room for the new class', async () => {
  for (const file of BEFORE) cpSync(join(VAULT_MIGRATIONS, file), join(folder, file));
  await migrate(owner, folder);
  const key = (keyClass: string) =>
    run(`insert into vault.key (key_id, class, version, state, wrapped, created_at)
      values ('${keyClass}-1', '${keyClass}', 1, 'active', '\\x00', now())`);
  await key('certificate');
  await expect(key('document')).rejects.toThrow();
  const before = await run('select * from vault.key');
  await migrate(owner, VAULT_MIGRATIONS);
  await assertMigrated(owner, VAULT_MIGRATIONS);
  expect(await run('select * from vault.key')).toEqual(before);
  await key('document');
  await expect(key('another')).rejects.toThrow();
});

it('lets the vault enter evidence and change none of it', async () => {
  const tables = [
    'analysis_hit',
    'analysis_review',
    'analysis_run',
    'analysis_threshold',
    'daily_alarm',
    'document_certificate',
    'holiday',
    'incident_entry',
    'personnel_feed',
    'processor',
    'processor_audit',
    'watch_entry',
  ];
  const rows = await run(`
    select table_name, string_agg(privilege_type, ' ' order by privilege_type) as privileges
    from information_schema.role_table_grants where grantee = 'kuramori_vault' and table_schema = 'vault'
      and table_name in (${tables.map((table) => `'${table}'`).join()})
    group by table_name order by table_name`);
  expect(rows).toEqual(tables.map((table) => ({ table_name: table, privileges: 'INSERT SELECT' })));
});
