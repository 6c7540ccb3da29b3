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
  await addTransfers(records, lines);
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

/** 移管: a round with a case in each of a few states, one with everything that a transfer can have. */
async function addTransfers(
  records: Records,
  lines: readonly { readonly id: bigint; readonly addressee_no: string }[],
): Promise<void> {
  const changeId = await records.changeId();
  const roundId = await records.row(tables.transferRounds, {
    roundNo: '2026-01',
    fiscalYear: 2026,
    serialNo: 1,
    month: 6,
    quota: 5,
    recipientCode: '990001',
    configuration: { quota: 5 },
    digest: 'sha256:oracle',
    proposedBy: 'D1299',
    proposedOn: '2026-05-01',
  });
  await records.bare(tables.transferRoundApprovals, {
    roundId,
    digest: 'sha256:oracle',
    approvedBy: 'S1601',
    approvedOn: '2026-05-02',
    changeId,
  });
  await records.bare(tables.transferSubmissions, {
    roundId,
    draftDigest: 'oracle',
    caseCount: 1,
    unpaid: 9_000n,
    changeId,
  });
  const learnedAt = '2026-06-03T10:00:00+09:00';
  await records.bare(tables.transferPackageStates, { roundId, state: 'DELIVERED', learnedAt, changeId });
  const resultId = await records.row(tables.transferResults, {
    resultId: '019aa000-0000-7000-8000-0000000000aa',
    roundId,
    seriesNo: 1,
    isFinal: false,
    receivedOn: '2026-07-10',
    collected: 2_000n,
  });
  await records.row(tables.transferRemittances, {
    resultId,
    receivedOn: '2026-07-12',
    amount: 2_000n,
    reference: '7月分',
  });
  const states = ['resultReceived', 'candidate', 'rejected', 'aborted'] as const;
  for (const [at, { id: levyId, addressee_no: addresseeNo }] of lines.slice(0, states.length).entries()) {
    const { caseId } = await records.case(addresseeNo);
    const transferId = await records.row(tables.transferCases, {
      roundId,
      caseId,
      addresseeNo,
      rank: at + 1,
      reason: '滞納額',
      lineCount: 1,
      unpaid: 9_000n,
      lateChargeFixed: 100n,
      fees: 0n,
    });
    const enteredAt = `2026-05-0${at + 3}T10:00:00+09:00`;
    const step = { transferId, enteredAt, changeId };
    await records.bare(tables.transferStates, { ...step, step: 1, state: 'candidate', reason: '選定' });
    await records.bare(tables.transferStates, { ...step, step: 2, state: states[at] });
    if (at > 0) continue;
    const notice = { issuedOn: '2026-05-10', payBy: '2026-05-24', unpaid: 9_000n };
    await records.bare(tables.transferNotices, { transferId, ...notice, changeId });
    await records.bare(tables.transferAcceptances, {
      transferId,
      packageId: '019aa000-0000-7000-8000-0000000000ab',
      outcome: 'accepted',
      changeId,
    });
    await records.bare(tables.transferOutcomes, {
      resultId,
      transferId,
      endState: 'continued',
      statedOn: '2026-07-01',
      changeId,
    });
    const lineId = await records.row(tables.transferLines, {
      transferId,
      lineNo: 1,
      levyId,
      assessed: 10_000n,
      paid: 1_000n,
      reduced: 0n,
      unpaid: 9_000n,
      lateChargeFixed: 100n,
      reminderFee: 0n,
      dispositionCost: 0n,
    });
    const collection = { collectedOn: '2026-07-01', tax: 2_000n, lateCharge: 0n, reminderFee: 0n };
    await records.row(tables.transferCollections, { resultId, lineId, ...collection, dispositionCost: 0n });
    const deltaId = await records.row(tables.transferDeltas, {
      lineId,
      kind: 'payment',
      component: 'tax',
      amount: 500n,
      effectiveOn: '2026-06-20',
    });
    const messageId = await records.row(tables.transferDeltaMessages, {
      roundId,
      deltaNo: 1,
      content: {},
      forwardBy: '2026-06-22',
    });
    await records.bare(tables.transferDeltaEntries, { deltaId, messageId, changeId });
    await records.bare(tables.transferDeltaSendings, { messageId, sentOn: '2026-06-22', changeId });
  }
}
