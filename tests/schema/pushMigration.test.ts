import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { BUILT_IN_ROLES } from '../../src/access/roles.js';
import { installBuiltInRoles } from '../../src/access/register/roles.store.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { RECORDS_MIGRATIONS } from '../../src/kernel/paths.js';
import { Records } from '../support/records.js';

const name = `kuramori_${randomBytes(6).toString('hex')}`;
const admin = openDatabase({ url: inject('adminUrl'), application: 'tests', connections: 1 });
await admin.run('tests.create', ({ raw }) => raw.unsafe(`create database ${name}`));
const url = new URL(inject('adminUrl'));
url.pathname = `/${name}`;
const owner = openDatabase({ url: url.toString(), application: 'tests', connections: 3 });
const folder = mkdtempSync(join(tmpdir(), 'kuramori-before-'));
afterAll(async () => {
  await owner.close();
  await admin.run('tests.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The functions of pushes that roles hold, as `role function`. */
async function held(database: Database): Promise<string[]> {
  const rows = await database.run(
    'test.held',
    ({ raw }) => raw<{ line: string }[]>`
    select role || ' ' || function as line from access.role_function where function like 'push:%' order by 1`,
  );
  return rows.map(({ line }) => line);
}

const wanted = Object.entries(BUILT_IN_ROLES)
  .flatMap(([role, { functions }]) => functions.map((each) => `${role} ${each}`))
  .filter((line) => line.includes(' push:'))
  .toSorted();

test('a municipality founded before there were pushes gets their tables, roles and cursor', async () => {
  const push = readdirSync(RECORDS_MIGRATIONS).find((file) => file.endsWith('_push.sql')) ?? '';
  cpSync(RECORDS_MIGRATIONS, folder, { recursive: true });
  for (const file of readdirSync(folder))
    if (file.endsWith('.sql') && file >= push) rmSync(join(folder, file));
  await migrate(owner, folder);
  await installBuiltInRoles(owner);
  await owner.run(
    'test.before',
    ({ raw }) => raw`delete from access.role_function where function like 'push:%'`,
  );
  const records = new Records(owner);
  const addresseeNo = await records.addressee();

  expect(await migrate(owner, RECORDS_MIGRATIONS)).toContain(push);
  expect(await held(owner)).toEqual(wanted);
  await installBuiltInRoles(owner);
  expect(await held(owner)).toEqual(wanted);
  const pushRequestId = await records.push(addresseeNo, {}, [{ state: 'AWAITING_SIGNATURE' }]);
  const [row] = await owner.run(
    'test.standing',
    ({ raw }) => raw`
    select push_request_id, state, (select sequence from records.push_cursor) as sequence from records.push_standing`,
  );
  expect(row).toEqual({ push_request_id: pushRequestId, state: 'AWAITING_SIGNATURE', sequence: 0n });
});
