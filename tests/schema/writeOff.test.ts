import { beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../schema/records/index.js';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { Records } from '../support/records.js';
import { foundedBefore } from './founded.js';

const founded = await foundedBefore('_write_off.sql', 'writeOff:');
const landed = founded.database;
const records = new Records(landed);

describe('a ledger with write-offs in it, when proposals are installed,', () => {
  let addresseeNo: string;
  let levyId: bigint;

  beforeAll(async () => {
    addresseeNo = await records.addressee();
    levyId = await records.levy(addresseeNo);
    await landed.run(
      'test.writtenOff',
      ({ raw }) => raw`
      insert into records.write_off (levy_id, component, amount, cause, written_off_on, change_id)
      select ${String(levyId)}::bigint, 'tax', 4000, 'limitation', '2026-03-31', max(id) from records.change`,
    );
    await founded.upgrade();
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

  test('has the functions of write-offs in its roles', () => founded.expectInRoles());
});
