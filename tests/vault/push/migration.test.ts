import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../../src/kernel/database/database.js';
import { migrate } from '../../../src/kernel/database/migrations.js';
import { VAULT_MIGRATIONS } from '../../../src/kernel/paths.js';

const name = `kuramori_linkage_${randomBytes(6).toString('hex')}`;
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

/** The state before there was a linkage. */
const LANDED = ['0000_audit.sql', '0001_vault.sql', '0002_retention.sql', '0003_evidence.sql'];

test('numbers that were registered before are linked, the first of each unified addressee number', async () => {
  for (const file of LANDED) cpSync(join(VAULT_MIGRATIONS, file), join(folder, file));
  await migrate(owner, folder);
  const refs = Array.from({ length: 5 }, (_, at) => `vr_${String(at).padStart(26, '0')}`);
  const rows = [
    ['active', '000000000000001', '2026-04-02'],
    ['active', '000000000000001', '2026-04-01'],
    ['superseded', '000000000000002', '2026-04-01'],
    ['active', '000000000000002', '2026-05-01'],
    ['active', null, '2026-04-01'],
  ] as const;
  for (const [at, [state, unified, day]] of rows.entries())
    await owner.run(
      'tests.number',
      ({ raw }) => raw`
      insert into vault.number (vault_ref, state, record_version, key_id, kek_version, wrap_nonce, wrapped_dek, nonce,
        ciphertext, unified_addressee_no, registered_at)
      values (${refs[at]!}, ${state}, 1, 'subject-1', 1, '\\x00', '\\x00', '\\x00', '\\x00', ${unified}, ${day})`,
    );
  await migrate(owner, VAULT_MIGRATIONS);
  const linked = await owner.run(
    'tests.linked',
    ({ raw }) => raw`
    select vault_ref as ref, unified_addressee_no as no from vault.addressee_linkage order by no`,
  );
  expect([...linked]).toEqual([
    { ref: refs[1], no: '000000000000001' },
    { ref: refs[3], no: '000000000000002' },
  ]);
});
