import { beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { Records } from '../support/records.js';
import { foundedBefore } from './founded.js';

const founded = await foundedBefore('_promise.sql', 'promise:');
const landed = founded.database;
const records = new Records(landed);

describe('records with a case and money in it, when promises are installed,', () => {
  let addresseeNo: string;
  let levyId: bigint;
  let caseId: bigint;

  beforeAll(async () => {
    addresseeNo = await records.addressee();
    levyId = await records.levy(addresseeNo);
    await records.receipt({ levyId, applied: 4_000n, addresseeNo });
    ({ caseId } = await records.case(addresseeNo));
    await founded.upgrade();
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

  test('have the functions of promises in their roles', () => founded.expectInRoles());
});
