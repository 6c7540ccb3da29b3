import * as tables from '../../schema/records/index.js';
import type { TestDatabase } from '../support/database.js';
import { Records } from '../support/records.js';

/** A small municipality with a row of every kind; all numbers that tests ask for. */
export async function buildWorld(db: TestDatabase) {
  const records = new Records(db.owner);
  const people = await buildPeople(records);
  const ledger = await buildLedger(records, people.head);
  const money = await buildMoney(records, people.head, ledger);
  const pushId = await buildPush(records, people.head, money.refunds.refunded);
  const files = await buildCases(records, people, ledger);
  await buildTransfer(records, people.head, ledger.former, files.closed.caseId);
  return { records, ...people, ...ledger, ...money, ...files, pushId };
}

/** An inquiry of the account for a refund, which had to be sent twice. */
function buildPush(records: Records, addresseeNo: string, refundId: bigint): Promise<string> {
  const push = {
    procedure: 'inquireRefundAccount',
    refundId,
    consentId: `CO-${crypto.randomUUID()}`,
  } as const;
  return records.push(addresseeNo, push, [
    { state: 'HANDED_OVER' },
    { state: 'ACCEPTED', vaultSequence: 1n, attempt: 0, reason: 'ACCEPTED' },
    {
      state: 'RETRY_WAIT',
      vaultSequence: 2n,
      attempt: 1,
      reason: 'OUTAGE',
      nextAttemptAt: '2026-11-02T10:01:00+09:00',
    },
    { state: 'DONE', vaultSequence: 4n, attempt: 2, reason: 'OK', receiptDigest: `sha256:${'b'.repeat(43)}` },
  ]);
}

async function buildPeople(records: Records) {
  const householdNo = 'H000001';
  const head = await records.addressee({
    name: '髙橋　一郎',
    kana: 'タカハシ　イチロウ',
    officialKana: 'タカハシ　イチロウ',
    householdNo,
    relationship: '世帯主',
    birthDate: '1970-04-01',
    sex: 'male',
    phone: '0999-12-3456',
    email: 'ichiro@example.jp',
    branchCode: '01',
  });
  const child = await records.addressee({
    name: '髙橋　二郎',
    kana: 'タカハシ　ジロウ',
    householdNo,
    relationship: '子',
    birthDate: '2001-01-31',
    sex: 'male',
  });
  const hidden = await records.addressee({
    name: '髙橋　花子',
    kana: 'タカハシ　ハナコ',
    householdNo,
    relationship: '妻',
    birthDate: '1972-02-02',
    sex: 'female',
    phone: '0999-98-7654',
    address: '蔵守市西町9丁目9番9号',
    formerSurname: '渡邉',
    branchCode: '01',
  });
  await records.bare(tables.households, { householdNo, householderNo: head });
  await records.protection(hidden, { staff: ['staff-delinquencyOfficer'] });
  const company = await records.addressee({
    kind: 'company',
    name: '株式会社蔵守商事',
    kana: 'クラモリショウジ',
    corporateNo: '9999999999999',
    payrollAgentNo: '0012345',
    residence: 'nonResident',
  });
  const joint = await records.addressee({
    kind: 'joint',
    name: '髙橋　一郎　外1名',
    kana: 'タカハシイチロウホカ',
  });
  await records.row(tables.coOwners, {
    jointNo: joint,
    memberNo: head,
    shareNumerator: 1,
    shareDenominator: 2,
    representative: true,
    validFrom: '2020-01-01',
  });
  await records.row(tables.coOwners, {
    jointNo: joint,
    memberNo: hidden,
    shareNumerator: 1,
    shareDenominator: 2,
    validFrom: '2020-01-01',
  });
  await records.row(tables.taxManagers, {
    addresseeNo: head,
    managerNo: company,
    kind: 'taxManager',
    taxItem: '010',
    validFrom: '2024-01-01',
  });
  await records.row(tables.mailingAddresses, {
    addresseeNo: hidden,
    recipient: '安全な送付先',
    address: '別市南町1',
    validFrom: '2026-04-01',
  });
  await records.row(tables.debitAccounts, {
    addresseeNo: hidden,
    taxItem: '001',
    bankCode: '9990',
    bankBranchCode: '123',
    accountType: 'ordinary',
    accountNo: '1234567',
    holderKana: 'ﾀｶﾊｼ ﾊﾅｺ',
    validFrom: '2025-04-01',
  });
  await records.bare(tables.addresseeVersions, {
    addresseeNo: hidden,
    versionNo: 1,
    validFrom: '2020-01-01',
    changeId: await records.changeId(),
    name: '髙橋　花子',
    kana: 'タカハシ　ハナコ',
    residence: 'resident',
    address: '蔵守市旧町1',
    phone: '0999-00-0000',
    householdNo,
  });
  return { head, child, hidden, company, joint };
}

async function buildLedger(records: Records, head: string) {
  const paid = await records.levy(head, { noticeNo: 'N-PAID', instalmentNo: 1 });
  const overdue = await records.levy(head, {
    noticeNo: 'N-OVERDUE',
    instalmentNo: 2,
    dueOn: '2026-08-31',
    taxAmount: 20_000n,
  });
  const future = await records.levy(head, {
    noticeNo: 'N-FUTURE',
    instalmentNo: 4,
    dueOn: '2027-02-01',
    taxAmount: 30_000n,
  });
  const former = await records.levy(head, {
    noticeNo: 'N-FORMER',
    taxItem: '010',
    assessmentYear: 2024,
    taxYear: 2024,
    levyFiscalYear: 2024,
    dueOn: '2024-04-30',
  });
  await records.row(tables.levyAdjustments, {
    levyId: overdue,
    taxDelta: -2_000n,
    reason: '申告による減額',
    decidedOn: '2026-09-10',
    notifiedOn: '2026-09-11',
  });
  await records.row(tables.levyCharges, {
    levyId: overdue,
    component: 'reminderFee',
    amount: 100n,
    decidedOn: '2026-09-18',
    reason: '督促',
  });
  await records.row(tables.reminders, { levyId: overdue, sentOn: '2026-09-18' });
  await records.row(tables.writeOffs, {
    levyId: former,
    component: 'tax',
    amount: 10_000n,
    cause: 'limitation',
    writtenOffOn: '2026-03-31',
  });
  return { paid, overdue, future, former };
}

async function buildMoney(
  records: Records,
  head: string,
  { paid, overdue }: { paid: bigint; overdue: bigint },
) {
  const settled = await records.receipt({ levyId: paid, applied: 10_000n, addresseeNo: head });
  const double = await records.receipt(
    { levyId: paid, overpaid: 10_000n, addresseeNo: head },
    { paidOn: '2026-07-20' },
  );
  const unknown = await records.receipt(
    { unidentified: 7_000n },
    { noticeNo: 'N-UNKNOWN', source: 'receiptPlain' },
  );
  const overpaymentId = double.overpaymentId ?? 0n;
  const offsetId = await records.offset(overpaymentId, overdue, 3_000n);
  const rejected = await records.refund(overpaymentId, head, 4_000n);
  await records.decision(rejected, 'rejected');
  const refunded = await records.refund(overpaymentId, head, 2_000n);
  await records.decision(refunded, 'approved');
  await records.payment(refunded);
  const approved = await records.refund(overpaymentId, head, 1_000n);
  await records.decision(approved, 'approved');
  const proposed = await records.refund(overpaymentId, head, 500n);
  return {
    settled,
    double,
    unknown,
    overpaymentId,
    offsetId,
    refunds: { rejected, refunded, approved, proposed },
  };
}

async function buildCases(
  records: Records,
  { head, hidden }: { head: string; hidden: string },
  { overdue }: { overdue: bigint },
) {
  const open = await records.case(head);
  const closed = await records.case(head, { officerId: 'staff-other' });
  const ofHidden = await records.case(hidden, { district: '西' });
  await records.bare(tables.caseClosings, {
    caseId: closed.caseId,
    closedOn: '2026-09-30',
    reason: '完納',
    changeId: await records.changeId(),
  });
  for (const [file, person] of [
    [open, head],
    [ofHidden, hidden],
  ] as const) {
    await records.row(tables.contactRecords, {
      caseId: file.caseId,
      addresseeNo: person,
      contactedAt: '2026-10-01T10:00:00+09:00',
      method: 'phone',
      counterpart: '本人',
      summary: '分納の相談',
      recordedBy: 'staff-delinquencyOfficer',
      nextActionOn: '2026-11-10',
    });
  }
  const dispositionId = await records.row(tables.dispositions, {
    caseId: open.caseId,
    addresseeNo: head,
    kind: 'seizure',
    assetClass: 'deposit',
    object: '普通預金 1234567',
    thirdParty: '蔵守銀行',
    executedOn: '2026-10-10',
    servedOnThirdParty: '2026-10-10',
  });
  await records.bare(tables.dispositionClaims, { dispositionId, levyId: overdue, amount: 15_100n });
  await records.bare(tables.dispositionEnds, {
    dispositionId,
    kind: 'released',
    endedOn: '2026-10-20',
    changeId: await records.changeId(),
  });
  await buildPromises(records, { addresseeNo: head, ...open }, overdue);
  await records.row(tables.assets, {
    addresseeNo: head,
    assetClass: 'salary',
    description: '給与',
    institution: '蔵守商事',
    estimatedValue: 250_000n,
    foundOn: '2026-09-15',
  });
  const stayId = await records.row(tables.executionStays, {
    levyId: overdue,
    addresseeNo: head,
    ground: 'noProperty',
    decidedOn: '2026-10-25',
  });
  await records.bare(tables.stayCancellations, {
    stayId,
    cancelledOn: '2026-10-30',
    reason: '財産判明',
    changeId: await records.changeId(),
  });
  const writeOffId = await buildWriteOff(records, head, overdue, stayId);
  const stayProposalId = await buildStay(records);
  const reversalId = await buildReversal(records);
  return { open, closed, ofHidden, dispositionId, stayId, stayProposalId, writeOffId, reversalId };
}

/** A line of somebody else's that was written off in error, and taken back. */
async function buildReversal(records: Records): Promise<bigint> {
  const addresseeNo = await records.addressee();
  const levyId = await records.levy(addresseeNo, { dueOn: '2020-06-30' });
  const claim = { levyId, component: 'tax' as const, amount: 10_000n, extinguishedOn: '2025-07-01' };
  const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'limitation' }, [claim]);
  const decision = { outcome: 'approved', decidedBy: 'seed-chief', decidedOn: '2026-10-28', reason: '決定' };
  const changeId = await records.changeId();
  await records.bare(tables.writeOffDecisions, { ...decision, proposalId, changeId });
  const reversalId = await records.writeOffReversal({ addresseeNo, proposalId, amount: 10_000n }, [levyId]);
  await records.bare(tables.writeOffReversalDecisions, { ...decision, reversalId, changeId });
  return reversalId;
}

/** A stay of a line of somebody else's, by two people. */
async function buildStay(records: Records): Promise<bigint> {
  const addresseeNo = await records.addressee();
  const levyId = await records.levy(addresseeNo, { dueOn: '2025-06-30' });
  const proposalId = await records.stayProposal({ addresseeNo, ground: 'noProperty' }, [levyId]);
  await records.bare(tables.stayDecisions, {
    proposalId,
    outcome: 'approved',
    decidedBy: 'seed-chief',
    decidedOn: '2026-10-28',
    reason: '適正と認める',
    changeId: await records.changeId(),
  });
  return proposalId;
}

/** A proposal to write a line off, which was rejected. */
async function buildWriteOff(
  records: Records,
  addresseeNo: string,
  levyId: bigint,
  stayId: bigint,
): Promise<bigint> {
  const claim = { levyId, component: 'tax' as const, amount: 15_000n, extinguishedOn: '2026-10-26', stayId };
  const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'stayThreeYears' }, [claim]);
  await records.bare(tables.writeOffDecisions, {
    proposalId,
    outcome: 'rejected',
    decidedBy: 'seed-chief',
    decidedOn: '2026-10-28',
    reason: '再調査',
    changeId: await records.changeId(),
  });
  return proposalId;
}

/** A promise that was replaced by another, which runs. */
async function buildPromises(
  records: Records,
  of: { addresseeNo: string; caseId: bigint },
  levyId: bigint,
): Promise<void> {
  const plan = [
    { dueOn: '2026-11-30', amount: 5_000n },
    { dueOn: '2026-12-25', amount: 10_000n },
  ];
  const replacesId = await records.promise(of, [levyId], plan);
  await records.bare(tables.promiseEnds, {
    promiseId: replacesId,
    kind: 'replaced',
    endedOn: '2026-10-15',
    reason: '減収のため',
    changeId: await records.changeId(),
  });
  await records.promise(of, [levyId], plan, { promisedOn: '2026-10-15', form: 'oral', replacesId });
}

/** A transfer that has ended: of the closed case, with a line, a payment after the freeze, a result. */
async function buildTransfer(records: Records, head: string, levyId: bigint, caseId: bigint) {
  const changeId = await records.changeId();
  const roundId = await records.row(tables.transferRounds, {
    roundNo: '2025-01',
    fiscalYear: 2025,
    serialNo: 1,
    month: 6,
    quota: 5,
    recipientCode: '990001',
    configuration: {},
    digest: 'sha256:test',
    proposedBy: 'staff-delinquencyOfficer',
    proposedOn: '2025-05-01',
  });
  const transferId = await records.row(tables.transferCases, {
    roundId,
    caseId,
    addresseeNo: head,
    rank: 1,
    reason: '滞納額',
    lineCount: 1,
    unpaid: 10_000n,
    lateChargeFixed: 0n,
    fees: 0n,
  });
  const enteredAt = '2025-06-01T10:00:00+09:00';
  await records.bare(tables.transferStates, {
    transferId,
    step: 1,
    state: 'closed',
    enteredAt,
    changeId,
  });
  const lineId = await records.row(tables.transferLines, {
    transferId,
    lineNo: 1,
    levyId,
    assessed: 10_000n,
    paid: 0n,
    reduced: 0n,
    unpaid: 10_000n,
    lateChargeFixed: 0n,
    reminderFee: 0n,
    dispositionCost: 0n,
  });
  await records.row(tables.transferDeltas, {
    lineId,
    kind: 'payment',
    component: 'tax',
    amount: 4_000n,
    effectiveOn: '2025-06-20',
  });
  const resultId = await records.row(tables.transferResults, {
    resultId: '019aa000-0000-7000-8000-0000000000aa',
    roundId,
    seriesNo: 1,
    isFinal: true,
    receivedOn: '2025-07-10',
    collected: 6_000n,
  });
  const outcome = { resultId, transferId, endState: 'paidInFull', statedOn: '2025-06-30', changeId };
  await records.bare(tables.transferOutcomes, outcome);
  const renewedOn = '2025-06-27';
  await records.row(tables.transferRenewals, { resultId, lineId, kind: 'acknowledgement', renewedOn });
  const held = { caseNo: 'X-1', code: 'unknownCase', collected: 0n, heldOn: '2025-07-10' } as const;
  const holdId = await records.row(tables.transferHolds, {
    roundId,
    resultId: '019aa000-0000-7000-8000-0000000000aa',
    seriesNo: 1,
    ...held,
  });
  const proposed = { proposedBy: 'S0001', proposedOn: '2025-07-11', reason: '本市の事案でない' };
  await records.row(tables.transferSetAsides, { holdId, ...proposed });
}

export type World = Awaited<ReturnType<typeof buildWorld>>;
