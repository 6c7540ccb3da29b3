import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';

/** The two databases of a vault, for one test file. */
export interface TestVaultDatabases {
  /** As the vault runs: the least privilege. */
  readonly vault: Database;
  /** The store of the shred keys, as the vault runs. */
  readonly shred: Database;
  /** As their owners, who may do everything: to prepare and to look. */
  readonly owner: { readonly vault: Database; readonly shred: Database };
  readonly urls: { readonly vault: string; readonly shred: string };
  readonly ownerUrls: { readonly vault: string; readonly shred: string };
}

const PASSWORD = 'test';

/** Copies the migrated templates; dropped when the file's tests are over. */
export async function testVaultDatabases(): Promise<TestVaultDatabases> {
  const adminUrl = inject('adminUrl');
  const suffix = randomBytes(6).toString('hex');
  const names = { vault: `kuramori_vault_${suffix}`, shred: `kuramori_shred_${suffix}` };
  const admin = openDatabase({ url: adminUrl, application: 'tests', connections: 1 });
  await admin.run('tests.lock', ({ raw }) => raw`select pg_advisory_lock(1)`);
  for (const part of ['vault', 'shred'] as const) {
    await admin.run('tests.create', ({ raw }) =>
      raw.unsafe(`create database ${names[part]} template kuramori_${part}_template strategy file_copy`),
    );
  }
  await admin.run('tests.role', ({ raw }) =>
    raw.unsafe(`do $$ begin
      if not exists (select from pg_roles where rolname = 'test_vault') then
        create role test_vault login password '${PASSWORD}' in role kuramori_vault;
      end if; end $$`),
  );
  await admin.run('tests.unlock', ({ raw }) => raw`select pg_advisory_unlock(1)`);
  await admin.close();
  const url = (part: 'vault' | 'shred', role?: string) => {
    const copy = new URL(adminUrl);
    copy.pathname = `/${names[part]}`;
    if (role !== undefined) [copy.username, copy.password] = [role, PASSWORD];
    return copy.toString();
  };
  const urls = { vault: url('vault', 'test_vault'), shred: url('shred', 'test_vault') };
  const open = (text: string) => openDatabase({ url: text, application: 'tests', connections: 6 });
  const opened = { vault: open(urls.vault), shred: open(urls.shred) };
  const owner = { vault: open(url('vault')), shred: open(url('shred')) };
  afterAll(async () => {
    const all = [...Object.values(opened), ...Object.values(owner)];
    await Promise.all(all.map((database) => database.close()));
    const cleaner = openDatabase({ url: adminUrl, application: 'tests', connections: 1 });
    for (const name of Object.values(names)) {
      await cleaner.run('tests.drop', ({ raw }) =>
        raw.unsafe(`drop database if exists ${name} with (force)`),
      );
    }
    await cleaner.close();
  });
  return { ...opened, owner, urls, ownerUrls: { vault: url('vault'), shred: url('shred') } };
}
