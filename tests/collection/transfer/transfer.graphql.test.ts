import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { ContactChanges } from '../../../src/collection/delinquency/contact.change.graphql.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../src/collection/transfer/prepare.js';
import { TransferChanges } from '../../../src/collection/transfer/transfer.change.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { debtor, Jobs, ROUND } from './world.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
let reader: Reader;
let digest: string;
let one: Awaited<ReturnType<typeof debtor>>;
let two: Awaited<ReturnType<typeof debtor>>;
const changes = new TransferChanges();
const officer = askerOf('delinquencyOfficer');
const chief = askerOf('sectionChief');
const ROUND_NO = '2026-01';

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
  one = await debtor(records, [120_000n]);
  two = await debtor(records, [80_000n]);
  ({ digest } = await proposeRound(jobs.job, ROUND));
});

afterAll(() => jobs.close());

const approve = (asker = chief, change: object = {}) => {
  const input = { idempotencyKey: 'key-00000001', roundNo: ROUND_NO, digest, ...change };
  return makeChange(db.gateway, asker, (context) => changes.approveTransferRound(input, context));
};

const withdraw = (transferCaseId: string, reason = '分納誓約の成立') => {
  const input = { idempotencyKey: 'key-00000002', transferCaseId, reason };
  return makeChange(db.gateway, officer, (context) => changes.withdrawTransferCase(input, context));
};

async function cases(): Promise<{ id: string; state: string; delinquencyCase: { caseNo: string } }[]> {
  const { transferRound } = await reader.data(
    `{ transferRound(roundNo: "${ROUND_NO}") { cases { nodes { id state delinquencyCase { caseNo } } } } }`,
    officer,
  );
  return (transferRound as { cases: { nodes: [] } }).cases.nodes;
}

describe('the approval of a round', () => {
  test('is refused for another digest, an unknown round, and who proposed it', async () => {
    expect(await approve(chief, { digest: 'sha256:other' })).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: 'digest' }],
    });
    expect(await approve(chief, { roundNo: '2026-99' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    });
    expect(await approve(askerOf('sectionChief', { actorId: 'S0001' }))).toMatchObject({
      userErrors: [{ code: 'DUAL_CONTROL_REQUIRED' }],
    });
  });

  test('stands once, and is then shown', async () => {
    expect(await approve()).toMatchObject({ keys: { round: expect.any(BigInt) as bigint } });
    expect(await approve()).toMatchObject({ userErrors: [{ code: 'CONFLICT', field: 'roundNo' }] });
    const { transferRound } = await reader.data(
      `{ transferRound(roundNo: "${ROUND_NO}") { approvedBy digest month quota cases { nodes { id } } } }`,
      chief,
    );
    expect(transferRound).toEqual({
      approvedBy: 'staff-sectionChief',
      digest,
      month: 10,
      quota: 10,
      cases: { nodes: [] },
    });
  });

  test('is refused by the database too: the same account, another digest', async () => {
    const { digest: other } = await proposeRound(jobs.job, { ...ROUND, serialNo: 2 });
    const insert = (by: string, of: string) =>
      db.gateway.run(
        'test.approve',
        ({ raw }) => raw`
        insert into records.transfer_round_approval (round_id, digest, approved_by, approved_on, change_id)
        select id, ${of}, ${by}, '2026-11-02', change_id from records.transfer_round where round_no = '2026-02'`,
      );
    await expect(insert('S0001', other)).rejects.toMatchObject({
      facts: { constraint: 'transfer_round_second_person' },
    });
    await expect(insert('S0002', digest)).rejects.toMatchObject({
      facts: { constraint: 'transfer_round_digest' },
    });
  });
});

describe('the cases of a round', () => {
  test('are shown by rank, and one may be withdrawn until the freeze', async () => {
    await chooseCandidates(jobs.job, ROUND_NO);
    const [first, second] = await cases();
    expect([first, second]).toMatchObject([
      { state: 'CANDIDATE', delinquencyCase: { caseNo: one.caseNo } },
      { state: 'CANDIDATE', delinquencyCase: { caseNo: two.caseNo } },
    ]);
    expect(await withdraw(second!.id)).toMatchObject({ keys: { transferCase: BigInt(second!.id) } });
    expect(await withdraw(second!.id)).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] });
    expect(await withdraw('999999')).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
    expect(await withdraw(first!.id, ' ')).toMatchObject({ userErrors: [{ code: 'BAD_INPUT' }] });
    expect(await issueNotices(jobs.job, ROUND_NO)).toMatchObject({ issued: 1 });
    expect((await cases()).map(({ state }) => state)).toEqual(['NOTICED', 'ABORTED']);
  });

  test('is in one round at a time', async () => {
    const [first] = await cases();
    const again = db.loader.run(
      'test.again',
      ({ raw }) => raw`
      insert into records.transfer_case (round_id, case_id, addressee_no, rank, reason, line_count, unpaid,
        late_charge_fixed, fees, change_id)
      select r.id, c.case_id, c.addressee_no, 1, '', 1, 1, 0, 0, c.change_id
      from records.transfer_case c, records.transfer_round r where c.id = ${first!.id} and r.round_no = '2026-02'`,
    );
    await expect(again).rejects.toMatchObject({ facts: { constraint: 'transfer_case_live' } });
  });

  test('are for whoever may read transfers', async () => {
    const query = `{ transferRounds { nodes { roundNo } } }`;
    const answer = await reader.ask(query, askerOf('counterClerk'));
    expect(answer.data['transferRounds']).toBeNull();
    expect(answer.refusals).toMatchObject([{ field: { missing: 'transfer:read' } }]);
  });
});

describe('while the organization has a case', () => {
  const contacts = new ContactChanges();

  beforeAll(async () => {
    const [first] = await cases();
    await records.bare(tables.transferStates, {
      transferId: BigInt(first!.id),
      step: 9,
      state: 'active',
      enteredAt: '2026-11-02T09:00:00+09:00',
      changeId: await records.changeId(),
    });
  });

  const record = (change: object, caseNo = one.caseNo) => {
    const input = {
      idempotencyKey: 'key-00000003',
      caseNo,
      contactedAt: '2026-11-02T09:00:00+09:00',
      method: 'phone' as const,
      counterpart: '本人',
      summary: '納付の申出',
      ...change,
    };
    return makeChange(db.gateway, officer, (context) => contacts.recordContact(input, context));
  };

  test('the lock is shown at the case and at the person', async () => {
    const { delinquencyCase, addressee } = await reader.data(
      `{ delinquencyCase(caseNo: "${one.caseNo}") { collectionLocked transfers { nodes { state collectionLocked } } }
        addressee(addresseeNo: "${one.addresseeNo}") { collectionLocked } }`,
      officer,
    );
    expect(delinquencyCase).toEqual({
      collectionLocked: true,
      transfers: { nodes: [{ state: 'ACTIVE', collectionLocked: true }] },
    });
    expect(addressee).toEqual({ collectionLocked: true });
    const other = await reader.data(
      `{ addressee(addresseeNo: "${two.addresseeNo}") { collectionLocked } }`,
      officer,
    );
    expect(other['addressee']).toEqual({ collectionLocked: false });
  });

  test('nobody duns: only what came from the other side is recorded, and no next action', async () => {
    expect(await record({})).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: 'cameFromCounterpart' }],
    });
    expect(await record({ cameFromCounterpart: true, nextActionOn: '2026-11-10' })).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: 'nextActionOn' }],
    });
    expect(await record({ cameFromCounterpart: true })).toHaveProperty('keys.contact');
    expect(await record({ nextActionOn: '2026-11-10' }, two.caseNo)).toHaveProperty('keys.contact');
  });

  test('the organization that returns the case gives the right to collect back', async () => {
    const [first] = await cases();
    const changeId = await records.changeId();
    const { round_id: roundId } = (
      await db.owner.run(
        'test.round',
        ({ raw }) => raw<[{ round_id: bigint }]>`
        select round_id from records.transfer_case where id = ${first!.id}`,
      )
    )[0];
    const resultId = await records.row(tables.transferResults, {
      resultId: '019aa000-0000-7000-8000-0000000000cc',
      roundId,
      seriesNo: 1,
      isFinal: false,
      receivedOn: '2026-11-02',
      collected: 0n,
    });
    const outcome = { resultId, transferId: BigInt(first!.id), statedOn: '2026-11-01', changeId };
    await records.bare(tables.transferOutcomes, { ...outcome, endState: 'returned' });
    expect(await record({ nextActionOn: '2026-11-10' })).toHaveProperty('keys.contact');
  });
});

describe('money of the organization', () => {
  const remit = (change: object) => {
    const input = {
      idempotencyKey: 'key-00000004',
      resultId: '019aa000-0000-7000-8000-0000000000cc',
      receivedOn: '2026-11-02',
      amount: 1_000n,
      reference: '11月分払込',
      ...change,
    };
    return makeChange(db.gateway, officer, (context) => changes.recordTransferRemittance(input, context));
  };

  test.each([
    ['resultId', { resultId: '1' }],
    ['receivedOn', { receivedOn: '2026-11-03' }],
    ['amount', { amount: 0n }],
    ['reference', { reference: '' }],
  ])('with a wrong %s is refused by name', async (field, change) => {
    expect(await remit(change)).toMatchObject({ userErrors: [{ code: 'BAD_INPUT', field }] });
  });

  test('is entered for a result that is known, and corrected by its negative', async () => {
    expect(await remit({ resultId: '019aa000-0000-7000-8000-0000000000dd' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', field: 'resultId' }],
    });
    expect(await remit({})).toHaveProperty('keys.result');
    expect(await remit({ amount: -400n })).toHaveProperty('keys.result');
    const { transferRound } = await reader.data(
      `{ transferRound(roundNo: "${ROUND_NO}") { results { collected remitted } } }`,
      officer,
    );
    expect(transferRound).toEqual({ results: [{ collected: 0, remitted: 600 }] });
  });
});
