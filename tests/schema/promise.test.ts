import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installBuiltInRoles } from '../../src/access/register/roles.store.js';
import { BUILT_IN_ROLES } from '../../src/access/roles.js';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { RECORDS_MIGRATIONS } from '../../src/kernel/paths.js';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';

const db = await testDatabase();
const name = `${db.name}_landed`;
const folder = mkdtempSync(join(tmpdir(), 'kuramori-promise-'));
await db.owner.run('test.create', ({ raw }) => raw.unsafe(`create database ${name}`));
const address = new URL(db.urls.owner);
address.pathname = `/${name}`;
const landed = openDatabase({ url: address.toString(), application: 'tests', connections: 3 });
const records = new Records(landed);

afterAll(async () => {
  await landed.close();
  await db.owner.run('test.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
  rmSync(folder, { recursive: true, force: true });
});

describe('records with a case and money in it, when promises are installed,', () => {
  let addresseeNo: string;
  let levyId: bigint;
  let caseId: bigint;

  beforeAll(async () => {
    cpSync(RECORDS_MIGRATIONS, folder, { recursive: true });
    const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
    const promise = files.find((file) => file.endsWith('_promise.sql')) ?? '';
    for (const file of files) if (file >= promise) rmSync(join(folder, file));
    await migrate(landed, folder);
    await installBuiltInRoles(landed);
    await landed.run(
      'test.before',
      ({ raw }) => raw`delete from access.role_function where function like 'promise:%'`,
    );
    addresseeNo = await records.addressee();
    levyId = await records.levy(addresseeNo);
    await records.receipt({ levyId, applied: 4_000n, addresseeNo });
    ({ caseId } = await records.case(addresseeNo));
    expect(await migrate(landed, RECORDS_MIGRATIONS)).toContain(promise);
  });

  test('are sound, and what is owed can be promised', async () => {
    const promiseId = await records.promise(
      { caseId, addresseeNo },
      [levyId],
      [{ dueOn: '2026-12-25', amount: 6_000n }],
    );
    await records.receipt({ levyId, applied: 6_000n, addresseeNo }, { paidOn: '2026-12-01' });
    const [row] = await landed.run(
      'test.state',
      ({ raw }) => raw<[{ paid: bigint; state: string }]>`
      select records.promise_paid(id, '2026-12-31') as paid, records.promise_state(id, '2026-12-31') as state
      from records.instalment_promise where id = ${String(promiseId)}::bigint`,
    );
    expect(row).toEqual({ paid: 6_000n, state: 'kept' });
    expect(await verifyLedger(landed)).toMatchObject({ sound: true });
  });

  test('have the functions of promises in their roles', async () => {
    const rows = await landed.run(
      'test.held',
      ({ raw }) => raw<{ line: string }[]>`
      select role || ' ' || function as line from access.role_function where function like 'promise:%'`,
    );
    const wanted = Object.entries(BUILT_IN_ROLES).flatMap(([role, { functions }]) =>
      functions.filter((each) => each.startsWith('promise:')).map((each) => `${role} ${each}`),
    );
    expect(rows.map(({ line }) => line).toSorted()).toEqual(wanted.toSorted());
  });
});
