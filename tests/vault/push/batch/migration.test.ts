import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../../../src/kernel/database/database.js';
import { migrate } from '../../../../src/kernel/database/migrations.js';
import { VAULT_MIGRATIONS } from '../../../../src/kernel/paths.js';
import { temporaryFolder } from '../../keys/support/vault.js';

const OWN = /_batch\.sql$/;
const name = `kuramori_batch_${randomBytes(6).toString('hex')}`;
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

const insertPush = (id: string, procedure: string) =>
  database.run(
    'test.push',
    ({ raw }) => raw`
    insert into vault.push (push_request_id, procedure, vault_ref, body_digest, refund_id, consent_id, person_id, unit,
      asserted_at, purpose, basis, case_id, message_id, state, reason, accepted_at, deadline, next_attempt_at,
      request_ref)
    values (${id}, ${procedure}, 'vr_1', 'sha256:x', ${procedure === 'acquireCode' ? null : id},
      ${procedure === 'acquireCode' ? null : 'CO-1'}, 'P-1029', 'nozei', now(), 'REFUND', 'B-1', 'C-1',
      ${id}, 'ACCEPTED', 'ACCEPTED', now(), now(), now(), 'vr_2')`,
  );
const batch = (id: string) =>
  database.run(
    'test.batch',
    ({ raw }) => raw`
    insert into vault.inquiry_batch (batch_id, person_id, unit, purpose, basis, asserted_at, line_count, state, reason,
      formed_at, changed_at, next_attempt_at)
    values (${id}, 'P-1029', 'nozei', 'REFUND', 'B-1', now(), 1, 'FORMED', 'FORMED', now(), now(), now())`,
  );
const place = (id: string, set: string) =>
  database.run('test.place', ({ raw }) =>
    raw.unsafe(`update vault.push set ${set} where push_request_id = '${id}'`),
  );
const refusedBy = (constraint: string) => ({ code: 'DATABASE_ERROR', facts: { constraint } });

test('leaves the pushes of a vault that is in use as they are: by themselves', async () => {
  const before = join(temporaryFolder(), 'migrations');
  cpSync(VAULT_MIGRATIONS, before, { recursive: true });
  const files = readdirSync(before)
    .filter((file) => file.endsWith('.sql'))
    .toSorted();
  for (const file of files.slice(files.findIndex((each) => OWN.test(each)))) rmSync(join(before, file));
  await migrate(database, before);
  await insertPush('one', 'acquireCode');
  await migrate(database, VAULT_MIGRATIONS);
  const [row] = await database.run(
    'test.kept',
    ({ raw }) => raw`select batched, batch_id, line_no from vault.push`,
  );
  expect(row).toEqual({ batched: false, batch_id: null, line_no: null });
});

test('takes no line without its number, none twice, and none of what is no inquiry', async () => {
  await insertPush('two', 'inquireRefundAccount');
  await insertPush('three', 'inquireRefundAccount');
  await batch('batch');
  await expect(place('one', 'batched = true')).rejects.toMatchObject(refusedBy('push_batched'));
  await expect(place('two', `batch_id = 'batch', line_no = 1`)).rejects.toMatchObject(
    refusedBy('push_line_of_batch'),
  );
  await expect(place('two', `batched = true, batch_id = 'batch'`)).rejects.toMatchObject(
    refusedBy('push_line_of_batch'),
  );
  await place('two', `batched = true, batch_id = 'batch', line_no = 1`);
  await expect(place('three', `batched = true, batch_id = 'batch', line_no = 1`)).rejects.toMatchObject(
    refusedBy('push_line'),
  );
  await expect(place('three', `batched = true, batch_id = 'none', line_no = 1`)).rejects.toMatchObject({
    code: 'DATABASE_ERROR',
  });
});

test('lets the vault change what became of a batch, never what was asked, and delete none', async () => {
  const may = async (what: string) => {
    const [row] = await database.run(
      'test.may',
      ({ raw }) => raw<
        { may: boolean }[]
      >`select has_column_privilege('kuramori_vault', 'vault.inquiry_batch', ${what},
        'UPDATE') as may`,
    );
    return row?.may;
  };
  for (const column of ['state', 'reason', 'receipt_digest', 'next_attempt_at'])
    expect(await may(column)).toBe(true);
  for (const column of ['person_id', 'purpose', 'line_count', 'formed_at'])
    expect(await may(column)).toBe(false);
  const [row] = await database.run(
    'test.may',
    ({ raw }) => raw`select has_table_privilege('kuramori_vault', 'vault.inquiry_batch', 'DELETE') as may`,
  );
  expect(row).toEqual({ may: false });
});
