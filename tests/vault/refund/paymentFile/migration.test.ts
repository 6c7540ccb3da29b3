import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../../../src/kernel/database/database.js';
import { assertMigrated, migrate } from '../../../../src/kernel/database/migrations.js';
import { VAULT_MIGRATIONS } from '../../../../src/kernel/paths.js';

const name = `kuramori_payment_landed_${randomBytes(6).toString('hex')}`;
const admin = openDatabase({ url: inject('adminUrl'), application: 'tests', connections: 1 });
await admin.run('tests.create', ({ raw }) => raw.unsafe(`create database ${name}`));
const url = new URL(inject('adminUrl'));
url.pathname = `/${name}`;
const owner = openDatabase({ url: url.toString(), application: 'tests', connections: 1 });
const folder = mkdtempSync(join(tmpdir(), 'kuramori-landed-'));
afterAll(async () => {
  await owner.close();
  await admin.run('tests.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});
const run = async (sql: string) => [...(await owner.run('test.sql', ({ raw }) => raw.unsafe(sql)))];

/** The last migration that had landed before there were payment files. */
const LANDED_LAST = '0005_transfer.sql';

test('payments that were taken before go into one file, and know that their consent was withdrawn', async () => {
  for (const file of readdirSync(VAULT_MIGRATIONS))
    if (file.endsWith('.sql') && file <= LANDED_LAST)
      cpSync(join(VAULT_MIGRATIONS, file), join(folder, file));
  await migrate(owner, folder);
  await run(`insert into vault.push (push_request_id, procedure, vault_ref, body_digest, refund_id, consent_id,
      person_id, unit, asserted_at, purpose, basis, case_id, message_id, state, reason, accepted_at, deadline,
      request_ref)
    values ('PR-1', 'inquireRefundAccount', 'vr_1', 'd', 'RF-1', 'CO-1', 'P-1', 'nozei', now(), 'REFUND', 'b', 'C-1',
      'M-1', 'DONE', 'OK', now(), now(), 'vr_2')`);
  await run(`insert into vault.refund_account (refund_id, push_request_id, vault_ref, account_ref, holder_matches,
      obtained_at, taken_by, taken_at, payment_id, payment_ref)
    values ('RF-1', 'PR-1', 'vr_1', 'vr_3', true, now(), 'P-1', now(), 'PY-1', 'vr_4')`);
  await run(
    `insert into vault.refund_consent values ('CO-1', 'vr_1', 'RF-1', 'paper', '2026-11-01', 'd', 'P-1', now())`,
  );
  await run(
    `insert into vault.refund_consent_withdrawal values ('CO-1', 'r', 'P-1', '2026-11-02T00:00:00Z')`,
  );
  const [before] = await run('select * from vault.refund_account');
  await migrate(owner, VAULT_MIGRATIONS);
  await assertMigrated(owner, VAULT_MIGRATIONS);
  const [{ withdrawn } = { withdrawn: undefined }] = (await run(
    `select consent_withdrawn_at = '2026-11-02T00:00:00Z' as withdrawn from vault.refund_account`,
  )) as unknown as { withdrawn?: boolean }[];
  expect(withdrawn).toBe(true);
  expect(await run('select * from vault.refund_account')).toMatchObject([before]);
  await run(`insert into vault.payment_consignor (valid_from, code, name_kana, bank_code, bank_name_kana, branch_code,
      branch_name_kana, account_type, account_number, layout, entered_by, entered_at)
    values ('2026-04-01', '0000000001', 'ﾐﾎﾝｼ', '0998', 'ﾐﾎﾝ', '001', 'ﾎﾝﾃﾝ', '1', '0000001', '120', 'P', now())`);
  const file = (fileNo: number) =>
    run(`insert into vault.payment_file values (${fileNo}, '2026-11-27', 1, 1, 45600, 'sha256:${'a'.repeat(64)}',
      'AP-${fileNo}', 'P-1', now())`);
  const record = (fileNo: number) =>
    run(`insert into vault.payment_file_record values ('RF-1', ${fileNo}, 1)`);
  await file(1);
  await record(1);
  await file(2);
  await expect(record(2)).rejects.toMatchObject({ facts: { sqlstate: '23505' } });
});

test('the vault enters payment files and changes none', async () => {
  const rows = await run(`
    select table_name, string_agg(privilege_type, ' ' order by privilege_type) as privileges
    from information_schema.role_table_grants where grantee = 'kuramori_vault' and table_name like 'payment_%'
    group by table_name order by table_name`);
  expect(rows).toEqual(
    [
      'consignor',
      'file',
      'file_compared',
      'file_lost',
      'file_record',
      'journal_compared',
      'journal_rebuilt',
    ].map((table) => ({
      table_name: `payment_${table}`,
      privileges: 'INSERT SELECT',
    })),
  );
});
