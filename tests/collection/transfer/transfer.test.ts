import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { closeRound, reconcileRound } from '../../../src/collection/transfer/reconcile.js';
import { forwardDeltas } from '../../../src/collection/transfer/deltas.js';
import { learnAcceptance, learnStatus } from '../../../src/collection/transfer/follow.js';
import { freezeRound } from '../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../src/collection/transfer/prepare.js';
import { receiveResults } from '../../../src/collection/transfer/results.js';
import { submitRound } from '../../../src/collection/transfer/submit.js';
import { enterManualReceipt, reverseReceipt } from '../../../src/collection/receipt/receipt.store.js';
import type { Session } from '../../../src/kernel/database/database.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import { KeptVault } from './keptVault.js';
import { approve, debtor, Jobs, remit, ROUND, setAside } from './world.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
const vault = new KeptVault();
const people: Record<string, Awaited<ReturnType<typeof debtor>>> = {};
const ROUND_NO = '2026-01';

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  // The worked example of handbook 13 §2: 120,000 with 30,000 paid, and 45,600 with 5,600 reduced.
  people['worked'] = await debtor(records, [120_000n, 45_600n], { name: '𠮷田　髙志' });
  await records.receipt({ levyId: people['worked'].levies[0]!, applied: 30_000n });
  await records.row(tables.levyAdjustments, {
    levyId: people['worked'].levies[1]!,
    taxDelta: -5_600n,
    reason: '減額',
    decidedOn: '2026-09-01',
    notifiedOn: '2026-09-01',
  });
  people['other'] = await debtor(records, [80_000n]);
  people['payer'] = await debtor(records, [50_000n]);
  people['small'] = await debtor(records, [29_999n]);
  people['stayed'] = await debtor(records, [90_000n]);
  await records.row(tables.executionStays, {
    levyId: people['stayed'].levies[0]!,
    addresseeNo: people['stayed'].addresseeNo,
    ground: 'noProperty',
    decidedOn: '2026-10-01',
  });
  people['hidden'] = await debtor(records, [70_000n]);
  await records.protection(people['hidden'].addresseeNo);
  await records.row(tables.contactRecords, {
    caseId: people['worked'].caseId,
    addresseeNo: people['worked'].addresseeNo,
    contactedAt: '2026-10-01T10:00:00+09:00',
    method: 'phone',
    counterpart: '本人',
    summary: '分納の相談\r\n次回連絡',
    recordedBy: 'S0003',
    nextActionOn: '2026-10-15',
  });
});

afterAll(() => jobs.close());

async function states(): Promise<Record<string, string>> {
  const rows = await db.owner.run(
    'test.states',
    ({ raw }) => raw<{ case_id: bigint; state: string }[]>`
    select case_id, state from records.transfer_standing`,
  );
  const found = new Map(rows.map(({ case_id: id, state }) => [id, state]));
  return Object.fromEntries(
    Object.entries(people).flatMap(([name, { caseId }]) => {
      const state = found.get(caseId);
      return state === undefined ? [] : [[name, state]];
    }),
  );
}

const pay = (name: string, at: number, amount: bigint, paidOn = '2026-11-20') =>
  records.receipt({ levyId: people[name]!.levies[at]!, applied: amount }, { paidOn });

/** As a mutation does it. */
function gatewayChange<T>(work: (tx: Session, changeId: bigint) => Promise<T>): Promise<T> {
  return db.gateway.transaction('test.change', async (tx) => {
    const [row] = await tx.run(
      'test.change',
      ({ raw }) => raw<{ id: bigint }[]>`
      insert into records.change (actor_id, purpose, request_id, action)
      values ('S0001', 'COLLECTION', gen_random_uuid(), 'test') returning id`,
    );
    return work(tx, row!.id);
  });
}

/** A payment at the counter. */
async function counter(levyId: bigint, taxAmount: bigint): Promise<bigint> {
  const [paidOn, receivedOn, bookedOn] = ['2026-11-16', '2026-11-16', '2026-11-17'];
  const slip = { source: 'counter' as const, levyId, taxItem: '001', taxAmount, lateChargeAmount: 0n };
  const input = { ...slip, paidOn, receivedOn, bookedOn, collectingBank: null };
  const entered = await gatewayChange((tx, changeId) =>
    enterManualReceipt(tx, input, changeId, '2026-11-17'),
  );
  return entered.receiptId;
}

describe('a round from its configuration to its end', () => {
  test('is proposed once, and does nothing until a second person has approved it', async () => {
    const first = await proposeRound(jobs.job, ROUND);
    expect(first).toMatchObject({ roundNo: ROUND_NO, repeated: false });
    expect(await proposeRound(jobs.job, ROUND)).toEqual({ ...first, repeated: true });
    await expect(proposeRound(jobs.job, { ...ROUND, quota: 11 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(chooseCandidates(jobs.job, ROUND_NO)).rejects.toMatchObject({
      code: 'DUAL_CONTROL_REQUIRED',
    });
  });

  test('chooses who meets the criteria, the largest sums first, and once', async () => {
    await approve(db, records, ROUND_NO);
    const chosen = await chooseCandidates(jobs.job, ROUND_NO);
    expect(chosen).toEqual({ examined: 5, qualified: 3, chosen: 3, unpaid: 260_000n, repeated: false });
    expect(await chooseCandidates(jobs.job, ROUND_NO)).toMatchObject({ chosen: 3, repeated: true });
    expect(await states()).toEqual({ worked: 'candidate', other: 'candidate', payer: 'candidate' });
  });

  test('sends each final notice once, and is not frozen before its last day has passed', async () => {
    await expect(freezeRound(jobs.job, ROUND_NO)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await issueNotices(jobs.job, ROUND_NO)).toEqual({ issued: 3, payBy: '2026-11-16' });
    expect(await issueNotices(jobs.job, ROUND_NO)).toMatchObject({ issued: 0 });
    jobs.day = '2026-11-16';
    await expect(freezeRound(jobs.job, ROUND_NO)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('leaves out who has paid, and freezes the others to the yen', async () => {
    await pay('payer', 0, 50_000n, '2026-11-10');
    jobs.day = '2026-11-17';
    const frozen = await freezeRound(jobs.job, ROUND_NO);
    expect(frozen).toMatchObject({
      cases: 2,
      lines: 3,
      dropped: { paidInFull: 1, belowThreshold: 0 },
      repeated: false,
    });
    expect(await freezeRound(jobs.job, ROUND_NO)).toMatchObject({ cases: 2, repeated: true });
    expect(await states()).toEqual({ worked: 'frozen', other: 'frozen', payer: 'aborted' });
  });

  test('is streamed to the vault, again when it was cut off, with its totals', async () => {
    for (const call of ['putFile', 'completeDraft']) {
      vault.broken.add(call);
      await expect(submitRound(jobs.job, vault, ROUND_NO)).rejects.toThrow('does not answer');
      vault.broken.clear();
    }
    const submitted = await submitRound(jobs.job, vault, ROUND_NO);
    expect(submitted).toMatchObject({ cases: 2, unpaid: 210_000n, repeated: false });
    expect(submitted.unmappable).toEqual(['U+9AD9', 'U+20BB7']);
    expect(await submitRound(jobs.job, vault, ROUND_NO)).toMatchObject({ repeated: true });
    const ledger = await vault.rows('03_ledger.csv');
    const worked = ledger.filter(({ caseNo }) => caseNo === people['worked']!.caseNo);
    expect(
      worked.map(({ lineNo, assessed, paid, reduced, unpaid }) => [lineNo, assessed, paid, reduced, unpaid]),
    ).toEqual([
      [1, 120_000n, 30_000n, 0n, 90_000n],
      [2, 45_600n, 0n, 5_600n, 40_000n],
    ]);
    expect(vault.draft).toMatchObject({ roundNo: 1, recipient: '990001', asOf: '2026-11-17T01:00:00.000Z' });
    expect(await vault.rows('05_contacts.csv')).toEqual([
      expect.objectContaining({
        at: '2026-10-01T01:00:00Z',
        channel: '電話',
        summary: '分納の相談\n次回連絡',
      }),
    ]);
    expect(await vault.rows('10_limitation.csv')).toHaveLength(3);
    expect((await vault.rows('04_notices.csv')).map(({ kind }) => kind)).toContain('FINAL_NOTICE');
  });

  test('a payment before acceptance lowers or drops its line, and waits until there is a package', async () => {
    await pay('worked', 0, 10_000n);
    await pay('worked', 1, 40_000n);
    expect(await forwardDeltas(jobs.job, vault, ROUND_NO)).toMatchObject({ messages: 0, waiting: 2 });
    vault.reach('DELIVERED');
    const standing = await learnStatus(jobs.job, vault, ROUND_NO);
    expect(standing).toMatchObject({ packageState: 'DELIVERED', learned: 7 });
    expect(await states()).toMatchObject({ worked: 'delivered', other: 'delivered', payer: 'aborted' });
    vault.broken.add('sendDelta');
    await expect(forwardDeltas(jobs.job, vault, ROUND_NO)).rejects.toThrow('does not answer');
    vault.broken.clear();
    expect(await forwardDeltas(jobs.job, vault, ROUND_NO)).toMatchObject({ messages: 1, lines: 2 });
    expect(await forwardDeltas(jobs.job, vault, ROUND_NO)).toMatchObject({ messages: 0, lines: 0 });
    expect(vault.messages).toHaveLength(1);
    expect(vault.messages[0]).toMatchObject({
      deltaNo: 1,
      lines: [
        { lineNo: 1, kind: 'PAID', tax: 10_000n, unpaid: 80_000n, receivedOn: '2026-11-20' },
        { lineNo: 2, kind: 'WITHDRAWN', tax: 40_000n, unpaid: 0n },
      ],
    });
  });

  test('acceptance locks what was accepted, and nothing else', async () => {
    vault.answers = [
      { caseNo: people['worked']!.caseNo, outcome: 'ACCEPTED' },
      { caseNo: people['other']!.caseNo, outcome: 'REJECTED', reason: '管轄外' },
    ];
    expect(await learnAcceptance(jobs.job, vault, ROUND_NO)).toEqual({
      accepted: 1,
      rejected: 1,
      waiting: 0,
    });
    expect(await learnAcceptance(jobs.job, vault, ROUND_NO)).toEqual({
      accepted: 0,
      rejected: 0,
      waiting: 0,
    });
    expect(await states()).toMatchObject({ worked: 'active', other: 'rejected' });
    const seize = (name: string) =>
      records.row(tables.dispositions, {
        caseId: people[name]!.caseId,
        addresseeNo: people[name]!.addresseeNo,
        kind: 'seizure',
        assetClass: 'deposit',
        object: '普通預金',
        executedOn: '2026-11-20',
      });
    await expect(seize('worked')).rejects.toMatchObject({ facts: { constraint: 'collection_locked' } });
    await expect(seize('other')).resolves.toBeDefined();
  });

  test('a payment after acceptance is posted here and forwarded; its reversal too', async () => {
    await pay('worked', 0, 5_000n);
    await pay('other', 0, 1_000n);
    const receiptId = await counter(people['worked']!.levies[0]!, 2_000n);
    expect(await forwardDeltas(jobs.job, vault, ROUND_NO)).toMatchObject({ messages: 1, lines: 2, late: 0 });
    expect(vault.messages[1]).toMatchObject({
      deltaNo: 2,
      lines: [
        { kind: 'PAID', receivedOn: '2026-11-16', tax: 2_000n, unpaid: 73_000n },
        { kind: 'PAID', receivedOn: '2026-11-20', tax: 5_000n, unpaid: 73_000n },
      ],
    });
    await gatewayChange((tx, changeId) => reverseReceipt(tx, receiptId, changeId));
    expect(await forwardDeltas(jobs.job, vault, ROUND_NO)).toMatchObject({ messages: 1, lines: 1 });
    expect(vault.messages[2]).toMatchObject({
      deltaNo: 3,
      lines: [{ kind: 'REVERSED', tax: 2_000n, unpaid: 75_000n }],
    });
  });

  test.each([
    ['an unknown line', { lineNo: 9 }, 'unknownLine'],
    ['a case that was rejected', { caseNo: 'other' }, 'unknownLine'],
    ['more than is unpaid', { tax: 75_001n, amount: 75_001n }, 'exceedsTax'],
  ])('a result for %s is held, and two people set it aside', async (_, change, code) => {
    const caseNo = 'caseNo' in change ? people['other']!.caseNo : people['worked']!.caseNo;
    await vault.report({ states: [], collections: [{ ...collection(caseNo), ...change, caseNo }] });
    const { held } = await receiveResults(jobs.job, vault, ROUND_NO);
    expect(held).toMatchObject([{ caseNo, code, file: '22_collections.csv', row: 1 }]);
    await setAside(db, records, held[0]!.id);
    expect(await states()).toMatchObject({ worked: 'active' });
  });

  test('a result is taken once; without its money it does not close', async () => {
    jobs.day = '2026-12-08';
    const { caseNo } = people['worked']!;
    const resultId = await vault.report(
      {
        states: [{ caseNo, state: 'PAID_IN_FULL', on: '2026-12-01', judgement: null }],
        collections: [
          { ...collection(caseNo), tax: 75_000n, lateCharge: 900n, dispositionCost: 300n, amount: 76_200n },
        ],
      },
      true,
    );
    expect(await receiveResults(jobs.job, vault, ROUND_NO)).toMatchObject({
      results: [{ resultId, collected: 76_200n, final: true }],
    });
    expect(await receiveResults(jobs.job, vault, ROUND_NO)).toEqual({
      results: [],
      completed: [],
      unread: [],
      held: [],
    });
    const found = await reconcileRound(jobs.job, vault, ROUND_NO);
    expect(found.differences).toEqual([
      { kind: 'remaining', caseNo, lineNo: 1, yen: -75_000n },
      { kind: 'money', resultId, yen: 76_200n },
    ]);
    await expect(closeRound(jobs.job, ROUND_NO)).rejects.toMatchObject({ code: 'CONFLICT' });
    await remit(db, records, resultId, 76_199n);
    expect((await reconcileRound(jobs.job, vault, ROUND_NO)).differences).toContainEqual({
      kind: 'money',
      resultId,
      yen: 1n,
    });
    await expect(closeRound(jobs.job, ROUND_NO)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(vault.reconciledDigests).toEqual([]);
    await remit(db, records, resultId, 1n);
  });

  test('to the yen it is posted, reconciled, told to the vault, closed, and its rows are erased', async () => {
    const done = await reconcileRound(jobs.job, vault, ROUND_NO);
    expect(done).toMatchObject({
      posted: 1,
      differences: [],
      transferred: 130_000n,
      paidHere: 55_000n,
      collectedTax: 75_000n,
      remaining: 0n,
      collected: 76_200n,
      received: 76_200n,
    });
    expect(vault.reconciledDigests).toEqual([done.digest]);
    expect((await reconcileRound(jobs.job, vault, ROUND_NO)).posted).toBe(0);
    const closed = await closeRound(jobs.job, ROUND_NO);
    expect(closed.closed).toBe(1);
    expect(closed.erased).toBeGreaterThan(5);
    expect(await states()).toMatchObject({ worked: 'closed', other: 'rejected', payer: 'aborted' });
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
    expect(await forwardDeltas(jobs.job, vault, ROUND_NO)).toMatchObject({ messages: 0 });
  });
});

function collection(caseNo: string) {
  return {
    caseNo,
    lineNo: 1,
    collectedOn: '2026-11-17',
    amount: 1_000n,
    tax: 1_000n,
    lateCharge: 0n,
    fees: 0n,
    dispositionCost: 0n,
  };
}
