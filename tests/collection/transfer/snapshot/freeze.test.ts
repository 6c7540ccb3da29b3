import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../../../schema/records/index.js';
import { freezeRound } from '../../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../../src/collection/transfer/prepare.js';
import { submitRound } from '../../../../src/collection/transfer/submit.js';
import { TRANSFER_SNAPSHOT_PAGE_ROWS } from '../../../../src/kernel/limits.js';
import { testDatabase, type TestDatabase } from '../../../support/database.js';
import { Records } from '../../../support/records.js';
import { KeptVault } from '../keptVault.js';
import { approve, debtor, Jobs, ROUND } from '../world.js';

const ROUND_NO = '2026-01';
const CONTACTS = TRANSFER_SNAPSHOT_PAGE_ROWS + 50;
const ACCOUNT_NO = '7654321';
let db: TestDatabase;
let jobs: Jobs;
let records: Records;
let one: Awaited<ReturnType<typeof debtor>>;
const vault = new KeptVault();

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  one = await debtor(records, [60_000n, 50_000n], { name: '蔵守　花子', phone: '0999-11-2222' });
  const changeId = String(await records.changeId());
  const { addresseeNo } = one;
  await db.owner.run(
    'test.contacts',
    ({ raw }) => raw`
    insert into records.contact_record (case_id, addressee_no, contacted_at, method, counterpart, summary, recorded_by,
      change_id)
    select ${String(one.caseId)}::bigint, ${addresseeNo}, '2026-01-01'::timestamptz + n * interval '1 hour', 'phone',
      '本人', n || '回目', 'S0003', ${changeId}::bigint from generate_series(1, ${CONTACTS}::int) as n`,
  );
  await records.row(tables.debitAccounts, {
    addresseeNo,
    taxItem: '001',
    bankCode: '9990',
    bankBranchCode: '123',
    accountType: 'ordinary',
    accountNo: ACCOUNT_NO,
    holderKana: 'ﾀｶﾊｼ',
    validFrom: '2025-04-01',
  });
  const agent = await records.addressee({ name: '納税　管理' });
  await records.row(tables.taxManagers, {
    addresseeNo,
    managerNo: agent,
    kind: 'taxManager',
    validFrom: '2025-01-01',
  });
  await records.row(tables.assets, {
    addresseeNo,
    assetClass: 'movable',
    description: '絵画',
    foundOn: '2026-09-01',
  });
  const dispositionId = await records.row(tables.dispositions, {
    caseId: one.caseId,
    addresseeNo,
    kind: 'participatingSeizure',
    assetClass: 'deposit',
    object: '普通預金',
    executedOn: '2026-09-10',
    servedOnDebtor: '2026-09-12',
  });
  await records.bare(tables.dispositionClaims, { dispositionId, levyId: one.levies[0]!, amount: 60_000n });
  await records.bare(tables.dispositionEnds, {
    dispositionId,
    kind: 'released',
    endedOn: '2026-10-01',
    changeId: await records.changeId(),
  });
  await promises();
  await writeOffs();
  await proposeRound(jobs.job, ROUND);
  await approve(db, records, ROUND_NO);
  await chooseCandidates(jobs.job, ROUND_NO);
  await issueNotices(jobs.job, ROUND_NO);
  jobs.day = '2026-11-17';
});

afterAll(() => jobs.close());

/** What was written off in error and taken back is told to nobody. */
async function mistake(addresseeNo: string): Promise<void> {
  const levyId = await records.levy(addresseeNo, { taxAmount: 2_000n, dueOn: '2019-06-30', taxItem: '040' });
  const claim = { levyId, component: 'tax' as const, amount: 2_000n, extinguishedOn: '2024-07-01' };
  const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'limitation' }, [claim]);
  const decision = { decidedBy: 'seed-chief', decidedOn: '2026-10-28', reason: '決定' };
  const approved = { outcome: 'approved', ...decision, changeId: await records.changeId() };
  await records.bare(tables.writeOffDecisions, { ...approved, proposalId });
  const reversalId = await records.writeOffReversal({ addresseeNo, proposalId, amount: 2_000n }, [levyId]);
  await records.bare(tables.writeOffReversalDecisions, { ...approved, reversalId });
}

/** A stay that was cancelled; what was written off of two other lines, one of them before there were proposals. */
async function writeOffs(): Promise<void> {
  const { addresseeNo } = one;
  const changeId = await records.changeId();
  const stayed = await records.levy(addresseeNo, { taxAmount: 7_000n, dueOn: '2019-06-30' });
  const stayId = await records.row(tables.executionStays, {
    levyId: stayed,
    addresseeNo,
    ground: 'livingInDistress',
    decidedOn: '2020-04-01',
  });
  await records.row(tables.levyCharges, {
    levyId: stayed,
    component: 'reminderFee',
    amount: 100n,
    decidedOn: '2019-07-20',
    reason: '督促',
  });
  const claim = { levyId: stayed, extinguishedOn: '2023-04-02', stayId };
  const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'stayThreeYears' }, [
    { ...claim, component: 'tax', amount: 7_000n },
    { ...claim, component: 'reminderFee', amount: 100n },
  ]);
  await records.bare(tables.writeOffDecisions, {
    proposalId,
    outcome: 'approved',
    decidedBy: 'seed-chief',
    decidedOn: '2026-10-28',
    reason: '決定',
    changeId,
  });
  await mistake(addresseeNo);
  const old = await records.levy(addresseeNo, { taxAmount: 3_000n, dueOn: '2015-06-30' });
  const written = {
    component: 'tax',
    amount: 3_000n,
    cause: 'limitation',
    writtenOffOn: '2021-03-31',
  } as const;
  await records.row(tables.writeOffs, { levyId: old, ...written });
  const lifted = await records.row(tables.executionStays, {
    levyId: one.levies[1]!,
    addresseeNo,
    ground: 'whereaboutsUnknown',
    decidedOn: '2026-08-01',
  });
  const cancellation = { stayId: lifted, cancelledOn: '2026-09-01', reason: '所在判明', changeId };
  await records.bare(tables.stayCancellations, cancellation);
  // Too late: three years had extinguished the line on 2023-04-02.
  const late = { stayId, cancelledOn: '2023-04-02', reason: '資力回復', changeId };
  await records.bare(tables.stayCancellations, late);
}

/** One that was cancelled after a part was paid, and an oral one that runs. */
async function promises(): Promise<void> {
  const first = await records.promise(
    one,
    [one.levies[0]!],
    [
      { dueOn: '2026-09-30', amount: 10_000n },
      { dueOn: '2026-10-20', amount: 40_000n },
      { dueOn: '2026-12-25', amount: 10_000n },
    ],
  );
  await records.receipt({ levyId: one.levies[0]!, applied: 10_000n }, { paidOn: '2026-09-25' });
  const ending = {
    kind: 'cancelled',
    endedOn: '2026-11-12',
    reason: '不履行',
    changeId: await records.changeId(),
  };
  await records.bare(tables.promiseEnds, { promiseId: first, ...ending });
  await records.promise(
    one,
    [one.levies[1]!],
    [
      { dueOn: '2026-10-26', amount: 1_000n },
      { dueOn: '2026-11-30', amount: 49_000n },
    ],
    { form: 'oral' },
  );
}

describe('the freeze', () => {
  test('and a payment of the same moment: it is in the line or told as a change, once', async () => {
    const payment = records.receipt({ levyId: one.levies[0]!, applied: 10_000n });
    await Promise.all([payment, freezeRound(jobs.job, ROUND_NO)]);
    const [line] = await db.owner.run(
      'test.line',
      ({ raw }) => raw<[{ paid: bigint; told: bigint }]>`
      select l.paid, coalesce((select sum(d.amount) from records.transfer_delta d where d.line_id = l.id), 0)::bigint
        as told from records.transfer_line l where l.levy_id = ${String(one.levies[0])}::bigint`,
    );
    // 10,000 had been paid towards the promise before.
    expect(line.paid + line.told).toBe(20_000n);
  });

  test('keeps what stood then: later texts do not reach the package', async () => {
    await db.owner.run(
      'test.rename',
      ({ raw }) => raw`
      update records.addressee set name = '改名' where addressee_no = ${one.addresseeNo}`,
    );
    await records.row(tables.contactRecords, {
      caseId: one.caseId,
      addresseeNo: one.addresseeNo,
      contactedAt: '2026-11-17T12:00:00+09:00',
      method: 'visit',
      counterpart: '本人',
      summary: '後日',
      recordedBy: 'S0003',
    });
    await submitRound(jobs.job, vault, ROUND_NO);
    expect(await vault.rows('01_taxpayer.csv')).toMatchObject([
      { name: '蔵守　花子', phones: '0999-11-2222' },
    ]);
    const contacts = await vault.rows('05_contacts.csv');
    expect(contacts).toHaveLength(CONTACTS);
    expect(contacts.map(({ summary }) => summary)).toEqual(
      Array.from({ length: CONTACTS }, (_, at) => `${at + 1}回目`),
    );
  });

  test('fills every file that the records have rows for, by its layout', async () => {
    expect(await vault.rows('02_related.csv')).toMatchObject([{ role: 'TAX_AGENT', name: '納税　管理' }]);
    expect(await vault.rows('06_assets.csv')).toMatchObject([
      { assetNo: 1, kind: 'OTHER_CLAIM', identification: '絵画' },
    ]);
    expect(await vault.rows('07_dispositions.csv')).toMatchObject([
      { kind: 'JOINED_SEIZURE', releasedOn: '2026-10-01' },
    ]);
    const file = { caseNo: one.caseNo, legalGround: '民法第152条（承認）' };
    expect(await vault.rows('08_promises.csv')).toEqual([
      { ...file, promiseNo: 1, dueOn: '2026-09-30', amount: 10_000n, state: 'KEPT' },
      { ...file, promiseNo: 1, dueOn: '2026-10-20', amount: 40_000n, state: 'BROKEN' },
      { ...file, promiseNo: 1, dueOn: '2026-12-25', amount: 10_000n, state: 'CANCELLED' },
      { ...file, promiseNo: 2, dueOn: '2026-10-26', amount: 1_000n, state: 'BROKEN', legalGround: null },
      { ...file, promiseNo: 2, dueOn: '2026-11-30', amount: 49_000n, state: 'RUNNING', legalGround: null },
    ]);
    const suspension = { caseNo: one.caseNo, kind: 'SUSPENSION', amount: null };
    const writtenOff = { caseNo: one.caseNo, kind: 'WRITE_OFF', until: null };
    expect(await vault.rows('09_suspension.csv')).toEqual([
      { ...suspension, ground: '2', from: '2020-04-01', until: null },
      { ...suspension, ground: '3', from: '2026-08-01', until: '2026-09-01' },
      { ...writtenOff, ground: 'LIMITATION', from: '2021-03-31', amount: 3_000n },
      { ...writtenOff, ground: 'STAY_THREE_YEARS', from: '2023-04-02', amount: 7_100n },
    ]);
    expect((await vault.rows('04_notices.csv')).map(({ kind }) => kind)).toEqual([
      'REMINDER',
      'REMINDER',
      'FINAL_NOTICE',
    ]);
    const [limitation] = await vault.rows('10_limitation.csv');
    expect(limitation).toMatchObject({ lineNo: 1, startsOn: '2026-10-02', completesOn: '2031-10-01' });
    expect(limitation?.renewals).toMatch(/^REMINDER:2026-05-20;/);
    expect(limitation?.renewals).toMatch(/SEIZURE:2026-10-01$/);
  });

  test('hands over no debit account and nothing of the vault', async () => {
    await db.owner.run(
      'test.reference',
      ({ raw }) => raw`
      update records.addressee set vault_ref = ${`vr_${'7'.repeat(26)}`} where addressee_no = ${one.addresseeNo}`,
    );
    const everything = [...vault.files.values()].join('\n');
    expect(everything).not.toContain(ACCOUNT_NO);
    expect(everything).not.toContain('vr_');
    expect([...vault.files.keys()]).toHaveLength(10);
  });
});
