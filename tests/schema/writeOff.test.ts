import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../schema/records/index.js';
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
const folder = mkdtempSync(join(tmpdir(), 'kuramori-write-off-'));
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

describe('a ledger with write-offs in it, when proposals are installed,', () => {
  let addresseeNo: string;
  let levyId: bigint;

  beforeAll(async () => {
    cpSync(RECORDS_MIGRATIONS, folder, { recursive: true });
    const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
    const writeOff = files.find((file) => file.endsWith('_write_off.sql')) ?? '';
    for (const file of files) if (file >= writeOff) rmSync(join(folder, file));
    await migrate(landed, folder);
    await installBuiltInRoles(landed);
    await landed.run(
      'test.before',
      ({ raw }) => raw`delete from access.role_function where function like 'writeOff:%'`,
    );
    addresseeNo = await records.addressee();
    levyId = await records.levy(addresseeNo);
    await landed.run(
      'test.writtenOff',
      ({ raw }) => raw`
      insert into records.write_off (levy_id, component, amount, cause, written_off_on, change_id)
      select ${String(levyId)}::bigint, 'tax', 4000, 'limitation', '2026-03-31', max(id) from records.change`,
    );
    expect(await migrate(landed, RECORDS_MIGRATIONS)).toContain(writeOff);
  });

  test('is sound, keeps what was entered, and books the rest by a decision', async () => {
    expect(await verifyLedger(landed)).toMatchObject({ sound: true });
    const claim = { levyId, component: 'tax', amount: 6_000n, extinguishedOn: '2026-10-01' } as const;
    const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'limitation' }, [claim]);
    await records.bare(tables.writeOffDecisions, {
      proposalId,
      outcome: 'approved',
      decidedBy: 'seed-chief',
      decidedOn: '2026-10-28',
      reason: '決定',
      changeId: await records.changeId(),
    });
    const rows = await landed.run(
      'test.rows',
      ({ raw }) => raw`
      select amount, proposal_id from records.write_off where levy_id = ${String(levyId)}::bigint order by id`,
    );
    expect(rows).toEqual([
      { amount: 4_000n, proposal_id: null },
      { amount: 6_000n, proposal_id: proposalId },
    ]);
    expect(await verifyLedger(landed)).toMatchObject({ sound: true });
  });

  test('has the functions of write-offs in its roles', async () => {
    const rows = await landed.run(
      'test.held',
      ({ raw }) => raw<{ line: string }[]>`
      select role || ' ' || function as line from access.role_function where function like 'writeOff:%'`,
    );
    const wanted = Object.entries(BUILT_IN_ROLES).flatMap(([role, { functions }]) =>
      functions.filter((each) => each.startsWith('writeOff:')).map((each) => `${role} ${each}`),
    );
    expect(rows.map(({ line }) => line).toSorted()).toEqual(wanted.toSorted());
  });
});
