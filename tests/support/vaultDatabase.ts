import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { copyDatabase, dropDatabase } from './admin.js';
import { TEST_PASSWORD } from './roles.js';
import { afterwards } from './afterwards.js';

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

/** Copies the migrated templates; dropped when the file's tests are over. */
export async function testVaultDatabases(): Promise<TestVaultDatabases> {
  const adminUrl = inject('adminUrl');
  const suffix = randomBytes(6).toString('hex');
  const names = { vault: `kuramori_vault_${suffix}`, shred: `kuramori_shred_${suffix}` };
  for (const part of ['vault', 'shred'] as const)
    await copyDatabase(names[part], `kuramori_${part}_template`);
  const url = (part: 'vault' | 'shred', role?: string) => {
    const copy = new URL(adminUrl);
    copy.pathname = `/${names[part]}`;
    if (role !== undefined) [copy.username, copy.password] = [role, TEST_PASSWORD];
    return copy.toString();
  };
  const urls = { vault: url('vault', 'test_vault'), shred: url('shred', 'test_vault') };
  const open = (text: string) => openDatabase({ url: text, application: 'tests', connections: 6 });
  const opened = { vault: open(urls.vault), shred: open(urls.shred) };
  const owner = { vault: open(url('vault')), shred: open(url('shred')) };
  afterwards(async () => {
    const all = [...Object.values(opened), ...Object.values(owner)];
    await Promise.all(all.map((database) => database.close()));
    for (const name of Object.values(names)) await dropDatabase(name);
  });
  return { ...opened, owner, urls, ownerUrls: { vault: url('vault'), shred: url('shred') } };
}
