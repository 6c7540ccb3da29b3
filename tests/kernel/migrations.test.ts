import { appendFileSync, cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  assertMigrated,
  migrate,
  pendingMigrations,
  shippedMigrations,
} from '../../src/kernel/database/migrations.js';
import { RECORDS_MIGRATIONS } from '../../src/kernel/paths.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});

function folderWith(change: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-migrations-'));
  cpSync(RECORDS_MIGRATIONS, folder, { recursive: true });
  change(folder);
  return folder;
}

describe('migrations cannot be skipped silently', () => {
  test('a database with all of them is accepted, and migrating again applies nothing', async () => {
    await expect(assertMigrated(db.owner, RECORDS_MIGRATIONS)).resolves.toBeUndefined();
    await expect(migrate(db.owner, RECORDS_MIGRATIONS)).resolves.toEqual([]);
  });

  test('an applied file that was changed refuses to start', async () => {
    const folder = folderWith((f) => appendFileSync(join(f, '0000_records.sql'), '\n-- a change\n'));
    await expect(assertMigrated(db.owner, folder)).rejects.toThrow(
      '0000_records.sql was changed after it was applied',
    );
  });

  test('a file missing in between refuses to start', async () => {
    const folder = folderWith((f) => rmSync(join(f, '0001_journals.sql')));
    await expect(assertMigrated(db.owner, folder)).rejects.toThrow(/gap or a doubled number/);
  });

  test('a new file put before applied ones refuses to start', async () => {
    const folder = folderWith((f) => {
      renameSync(join(f, '0001_journals.sql'), join(f, '0001_zournals.sql'));
    });
    await expect(migrate(db.owner, folder)).rejects.toThrow('which this release does not ship at that place');
  });

  test('a pending one refuses to start and is applied by migrate, all or nothing', async () => {
    const next = String(shippedMigrations(RECORDS_MIGRATIONS).length).padStart(4, '0');
    const folder = folderWith((f) =>
      writeFileSync(join(f, `${next}_later.sql`), 'create table public.later (a int);'),
    );
    const broken = folderWith((f) =>
      writeFileSync(join(f, `${next}_later.sql`), 'create table public.later (a int); select 1/0;'),
    );
    await expect(assertMigrated(db.owner, folder)).rejects.toThrow('1 migrations are not applied');
    await expect(migrate(db.owner, broken)).rejects.toThrow(`${next}_later.sql`);
    await expect(migrate(db.owner, folder)).resolves.toEqual([`${next}_later.sql`]);
    await expect(assertMigrated(db.owner, folder)).resolves.toBeUndefined();
  });

  test('two starters at once apply each file once', async () => {
    const next = shippedMigrations(RECORDS_MIGRATIONS).length + 1;
    const folder = folderWith((f) => {
      writeFileSync(
        join(f, `${String(next - 1).padStart(4, '0')}_later.sql`),
        'create table public.later (a int);',
      );
      writeFileSync(
        join(f, `${String(next).padStart(4, '0')}_after.sql`),
        'create table public.after (a int);',
      );
    });
    const applied = await Promise.all([migrate(db.owner, folder), migrate(db.owner, folder)]);
    expect(applied.flat()).toEqual([`${String(next).padStart(4, '0')}_after.sql`]);
  });
});

test('a database newer than the release is refused', () => {
  expect(() => pendingMigrations([], [{ name: '0000_a.sql', sha256: 'x' }])).toThrow('does not ship');
});
