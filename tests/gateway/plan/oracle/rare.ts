import * as tables from '../../../../schema/records/index.js';
import type { Database } from '../../../../src/kernel/database/database.js';
import { Records } from '../../../support/records.js';

const DEBTOR = '0000000001';
const CO_OWNER = '0000000003';
const ORDINARY = '0000000005';
/** Named for every protection. */
const TRUSTED = 'D1299';

const ACCOUNT = {
  bankCode: '0981',
  bankBranchCode: '001',
  accountType: 'ordinary',
  accountNo: '1234567',
  holderKana: 'クラモリ　タロウ',
} as const;
const SAFE = { recipient: '蔵守　太郎', postalCode: '999-0002', address: '青原市東町1番1号　気付' };
const SALARY = { assetClass: 'salary', description: '給与', institution: '株式会社青原製作所' } as const;

/** Pushes of every kind, some for refunds, of more than one state. */
async function addPushes(owner: Database, records: Records, people: readonly string[]): Promise<void> {
  const refunds = await owner.run(
    'oracle.refunds',
    ({ raw }) =>
      raw<
        { id: bigint; addressee_no: string }[]
      >`select id, addressee_no from records.refund order by id limit 4`,
  );
  let sequence = 0n;
  const next = () => (sequence += 1n);
  for (const { id: refundId, addressee_no: addresseeNo } of refunds) {
    const consentId = `CO-${crypto.randomUUID()}`;
    await records.push(addresseeNo, { procedure: 'inquireRefundAccount', refundId, consentId }, [
      { state: 'ACCEPTED', vaultSequence: next(), attempt: 0, reason: 'ACCEPTED' },
      {
        state: 'DONE',
        vaultSequence: next(),
        attempt: 1,
        reason: 'OK',
        receiptDigest: `sha256:${'c'.repeat(43)}`,
      },
    ]);
  }
  for (const addresseeNo of people) {
    await records.push(addresseeNo);
    await records.push(addresseeNo, {}, [{ state: 'NOT_ACCEPTED', reason: 'FORBIDDEN_PURPOSE' }]);
    await records.push(addresseeNo, {}, [
      {
        state: 'RETRY_WAIT',
        vaultSequence: next(),
        attempt: 1,
        reason: 'OUTAGE',
        nextAttemptAt: '2026-11-02T10:01:00+09:00',
      },
    ]);
  }
}

/** What a small municipality has none of, and what protection has to hold out against. */
export async function addRareRows(owner: Database): Promise<void> {
  const records = new Records(owner);
  const lines = await owner.run(
    'oracle.lines',
    ({ raw }) => raw<{ id: bigint; addressee_no: string }[]>`
      select distinct on (addressee_no) id, addressee_no from records.levy_line
      where addressee_no in (select addressee_no from records.delinquency_case) order by addressee_no, id`,
  );
  for (const { id: levyId, addressee_no: addresseeNo } of lines) {
    const stay = { levyId, addresseeNo, decidedOn: '2026-05-01' };
    const lifted = await records.row(tables.executionStays, { ...stay, ground: 'noProperty' });
    await records.row(tables.executionStays, {
      ...stay,
      ground: 'livingInDistress',
      decidedOn: '2026-08-01',
    });
    await records.bare(tables.stayCancellations, {
      stayId: lifted,
      cancelledOn: '2026-07-01',
      reason: '資力の回復',
      changeId: await records.changeId(),
    });
  }
  for (const mergedInto of [DEBTOR, ORDINARY]) await records.addressee({ mergedInto, branchCode: '01' });
  const people = [DEBTOR, CO_OWNER, ...lines.map((line) => line.addressee_no)];
  for (const addresseeNo of people) {
    await records.row(tables.debitAccounts, {
      addresseeNo,
      taxItem: '001',
      validFrom: '2025-04-01',
      ...ACCOUNT,
    });
    await records.row(tables.mailingAddresses, {
      addresseeNo,
      taxItem: '010',
      validFrom: '2025-04-01',
      ...SAFE,
    });
    await records.row(tables.assets, { addresseeNo, foundOn: '2026-06-01', ...SALARY });
  }
  await addPushes(owner, records, people.slice(0, 4));
  for (const addresseeNo of people.slice(-3))
    await records.protection(addresseeNo, { staff: ['D1201', 'C1101', 'W1501'] });
  await records.receipt({ unidentified: 1_500n });
  await records.receipt({ unidentified: 700n });
  // Who is named for one protection of a person and not for the other sees nothing.
  await records.protection(CO_OWNER, { staff: ['D1201'] });
  await records.protection(ORDINARY, { staff: [], validTo: '2026-06-30' });
  // A reference for every other person; what it refers to is the vault's.
  await owner.run(
    'oracle.references',
    ({ raw }) => raw`
      update records.addressee set vault_ref = 'vr_' || lpad(translate(addressee_no, 'IiLlOoUu', ''), 26, '0')
      where corporate_no is null and right(addressee_no, 1) in ('0', '2', '4', '6', '8')`,
  );
  await owner.run(
    'oracle.trusted',
    ({ raw }) => raw`
      insert into records.protection_staff (protection_id, staff_id, valid_from, valid_to, change_id)
      select id, ${TRUSTED}, valid_from, valid_to, change_id from records.protection`,
  );
}
