import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { installBuiltInRoles } from '../../src/access/register/roles.store.js';
import { BUILT_IN_ROLES } from '../../src/access/roles.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { RECORDS_MIGRATIONS } from '../../src/kernel/paths.js';
import { afterwards } from '../support/afterwards.js';

/** The records of a municipality that was founded before something was there. */
export interface Founded {
  readonly database: Database;
  /** Installs what came since. */
  upgrade(): Promise<void>;
  /** Fails where roles do not hold, of what came, exactly what the built-in ones do. */
  expectInRoles(): Promise<void>;
}

/**
 * A database of a test file without a migration and those after it, and roles without its functions.
 * @param migration how the name of its file ends, e.g. `_promise.sql`
 * @param area what the names of its functions begin with, e.g. `promise:`
 */
export async function foundedBefore(migration: string, area: string): Promise<Founded> {
  const admin = openDatabase({ url: inject('adminUrl'), application: 'tests', connections: 1 });
  const name = `kuramori_founded_${randomBytes(6).toString('hex')}`;
  await admin.run('tests.create', ({ raw }) => raw.unsafe(`create database ${name}`));
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.toString(), application: 'tests', connections: 3 });
  afterwards(async () => {
    await database.close();
    await admin.run('tests.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
    await admin.close();
  });
  const file = await migrateUntil(database, migration);
  await installBuiltInRoles(database);
  await database.run(
    'test.before',
    ({ raw }) => raw`delete from access.role_function where starts_with(function, ${area})`,
  );
  return {
    database,
    upgrade: async () => expect(await migrate(database, RECORDS_MIGRATIONS)).toContain(file),
    expectInRoles: () => expectInRoles(database, area),
  };
}

/** @returns the first file that is not there */
async function migrateUntil(database: Database, migration: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-founded-'));
  cpSync(RECORDS_MIGRATIONS, folder, { recursive: true });
  const files = readdirSync(folder).filter((each) => each.endsWith('.sql'));
  const first = files.find((each) => each.endsWith(migration)) ?? '';
  for (const each of files) if (each >= first) rmSync(join(folder, each));
  await migrate(database, folder);
  rmSync(folder, { recursive: true });
  return first;
}

async function expectInRoles(database: Database, area: string): Promise<void> {
  const rows = await database.run(
    'test.held',
    ({ raw }) => raw<{ line: string }[]>`
    select role || ' ' || function as line from access.role_function where starts_with(function, ${area})`,
  );
  const wanted = Object.entries(BUILT_IN_ROLES).flatMap(([role, { functions }]) =>
    functions.filter((each) => each.startsWith(area)).map((each) => `${role} ${each}`),
  );
  expect(wanted.length).toBeGreaterThan(0);
  expect(rows.map(({ line }) => line).toSorted()).toEqual(wanted.toSorted());
}
