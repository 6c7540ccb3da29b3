import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, expect, inject, test, vi } from 'vitest';
import { registerCheckCommands } from '../../src/cli/checks.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { assertMigrated, migrate } from '../../src/kernel/database/migrations.js';
import { SHRED_MIGRATIONS, VAULT_MIGRATIONS } from '../../src/kernel/paths.js';

const adminUrl = inject('adminUrl');
const admin = openDatabase({ url: adminUrl, application: 'tests', connections: 1 });
const made: string[] = [];
const opened: Database[] = [];
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()));
  for (const name of made)
    await admin.run('tests.drop', ({ raw }) => raw.unsafe(`drop database if exists ${name} with (force)`));
  await admin.close();
});

async function emptyDatabase(): Promise<{ readonly url: string; readonly database: Database }> {
  const name = `kuramori_migrate_${randomBytes(6).toString('hex')}`;
  await admin.run('tests.create', ({ raw }) => raw.unsafe(`create database ${name}`));
  made.push(name);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.toString(), application: 'tests', connections: 2 });
  opened.push(database);
  return { url: url.toString(), database };
}

async function type(...args: readonly string[]): Promise<string> {
  let said = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (said += String(text)) !== '');
  try {
    const program = new Command();
    registerCheckCommands(program);
    await program.parseAsync([...args], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return said;
}

test.each([
  ['vault', 'VAULT_DATABASE_URL', VAULT_MIGRATIONS],
  ['shred', 'VAULT_SHRED_DATABASE_URL', SHRED_MIGRATIONS],
] as const)('migrate --of %s makes the database of %s, once', async (of, setting, migrations) => {
  const { url, database } = await emptyDatabase();
  vi.stubEnv(setting, url);
  expect(await type('migrate', '--of', of)).toMatch(/^Applied: 0000_/);
  await assertMigrated(database, migrations);
  expect(await type('migrate', '--of', of)).toBe('Nothing was pending.\n');
});

test.each(['vault', 'shred'])('migrate --of %s needs an address', async (of) => {
  vi.stubEnv('VAULT_DATABASE_URL', '');
  vi.stubEnv('VAULT_SHRED_DATABASE_URL', undefined);
  await expect(type('migrate', '--of', of)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});

test('a vault with numbers gets its retention without losing what was there', async () => {
  const { url, database } = await emptyDatabase();
  const before = mkdtempSync(join(tmpdir(), 'kuramori-migrate-'));
  try {
    for (const file of ['0000_audit.sql', '0001_vault.sql'])
      copyFileSync(join(VAULT_MIGRATIONS, file), join(before, file));
    await migrate(database, before);
  } finally {
    rmSync(before, { recursive: true });
  }
  const ref = `vr_${'0'.repeat(26)}`;
  await database.run(
    'test.number',
    ({ raw }) => raw`
    insert into vault.number (vault_ref, state, record_version, key_id, kek_version, wrap_nonce, wrapped_dek, nonce,
      ciphertext, registered_at, retention_ends_on)
    values (${ref}, 'active', 1, 'subject-1', 1, '\\x01', '\\x02', '\\x03', '\\x04', now(), '2026-11-22')`,
  );
  vi.stubEnv('VAULT_DATABASE_URL', url);
  await type('migrate', '--of', 'vault');
  const [row] = await database.run(
    'test.kept',
    ({ raw }) => raw`
    select retention_ends_on as day, retention_class as class, retention_purpose as purpose
    from vault.number where vault_ref = ${ref}`,
  );
  expect(row).toEqual({ day: '2026-11-22', class: null, purpose: null });
});
