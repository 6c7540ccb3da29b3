import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../../src/kernel/database/database.js';
import { migrate } from '../../../src/kernel/database/migrations.js';
import { VAULT_MIGRATIONS } from '../../../src/kernel/paths.js';
import { temporaryFolder } from '../keys/support/vault.js';

const OWN = /_transfer\.sql$/;
const name = `kuramori_transfer_${randomBytes(6).toString('hex')}`;
const admin = openDatabase({ url: inject('adminUrl'), application: 'tests', connections: 1 });
await admin.run('test.create', ({ raw }) => raw.unsafe(`create database ${name}`));
const url = new URL(inject('adminUrl'));
url.pathname = `/${name}`;
const database = openDatabase({ url: url.toString(), application: 'tests', connections: 4 });
afterAll(async () => {
  await database.close();
  await admin.run('test.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
  await admin.close();
});

const insertKey = (keyClass: string) =>
  database.run(
    'test.key',
    ({ raw }) => raw`
    insert into vault.key (key_id, class, version, state, wrap_nonce, wrapped, created_at)
    values (${`${keyClass}-1`}, ${keyClass}, 1, 'preActive', '\\x00', '\\x00', now())`,
  );

test('keeps the keys and approvals of a vault that is in use, and lets the new classes in', async () => {
  const before = join(temporaryFolder(), 'migrations');
  cpSync(VAULT_MIGRATIONS, before, { recursive: true });
  const files = readdirSync(before).filter((file) => file.endsWith('.sql'));
  const own = files.toSorted().findIndex((file) => OWN.test(file));
  expect(own).toBeGreaterThan(1);
  for (const file of files.toSorted().slice(own)) rmSync(join(before, file));
  await migrate(database, before);
  await insertKey('subject');
  await expect(insertKey('file')).rejects.toMatchObject({ facts: { sqlstate: '23514' } });
  await database.run(
    'test.approval',
    ({ raw }) => raw`
    insert into vault.approval (approval_id, kind, content_digest, summary, state, requested_by, requested_at)
    values ('AP-1', 'packageAssemble', 'sha256:x', '{}', 'requested', 'P-1029', now())`,
  );
  await migrate(database, VAULT_MIGRATIONS);
  for (const keyClass of ['file', 'transfer', 'result']) await insertKey(keyClass);
  await expect(insertKey('mystery')).rejects.toMatchObject({ facts: { sqlstate: '23514' } });
  const [kept] = await database.run(
    'test.kept',
    ({ raw }) => raw<{ keys: bigint; approvals: bigint }[]>`
    select (select count(*) from vault.key) as keys, (select count(*) from vault.approval) as approvals`,
  );
  expect(kept).toEqual({ keys: 4n, approvals: 1n });
});

test('lets the vault write its journals at their end alone', async () => {
  const rows = await database.run(
    'test.grants',
    ({ raw }) => raw<{ table: string; grants: string }[]>`
    select table_name as table, string_agg(privilege_type, ' ' order by privilege_type) as grants
    from information_schema.role_table_grants
    where grantee = 'kuramori_vault' and table_name like 'transfer\\_%' group by 1 order by 1`,
  );
  const spool = rows.filter(({ table }) => table === 'transfer_spool');
  expect(spool).toEqual([{ table: 'transfer_spool', grants: 'DELETE INSERT SELECT UPDATE' }]);
  const journals = rows.filter(({ table }) => table !== 'transfer_spool');
  expect(journals).toHaveLength(18);
  expect(new Set(journals.map(({ grants }) => grants))).toEqual(new Set(['INSERT SELECT']));
});
