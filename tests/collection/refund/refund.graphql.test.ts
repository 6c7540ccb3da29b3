import { beforeAll, describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { RefundChanges } from '../../../src/collection/refund/refund.change.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let reader: Reader;
const changes = new RefundChanges();
const officer = askerOf('refundOfficer');
const chief = askerOf('sectionChief', {}, 'REFUND');
const IDEMPOTENT = { idempotencyKey: 'key-00000001' };

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

/** Somebody who paid a line of 10,000 twice. */
async function doublePayer(debt?: { taxItem: string; dueOn: string }) {
  const person = await records.addressee();
  const levyId = await records.levy(person);
  await records.receipt({ levyId, applied: 10_000n, addresseeNo: person });
  const { overpaymentId = 0n, receiptId } = await records.receipt({
    levyId,
    overpaid: 10_000n,
    addresseeNo: person,
  });
  if (debt) await records.levy(person, { ...debt, taxAmount: 6_000n });
  return { person, levyId, overpaymentId, receiptId };
}

function propose(
  overpaymentId: bigint | string,
  amount: bigint,
  noOffsetReason?: string,
  asker = officer,
): Promise<ChangeOutcome> {
  const input = {
    ...IDEMPOTENT,
    overpaymentId: String(overpaymentId),
    amount,
    reason: '二重納付のため',
    noOffsetReason: noOffsetReason ?? null,
  };
  return makeChange(db.gateway, asker, (context) => changes.proposeRefund(input, context));
}

function decide(
  refundId: bigint | string,
  outcome: 'approved' | 'rejected',
  asker = chief,
): Promise<ChangeOutcome> {
  const input = { ...IDEMPOTENT, refundId: String(refundId), outcome, reason: '適正と認める' };
  return makeChange(db.gateway, asker, (context) => changes.decideRefund(input, context));
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);
const refundOf = ({ keys }: ChangeOutcome) => keys?.['refund'] as bigint;

async function remaining(overpaymentId: bigint): Promise<bigint | undefined> {
  const [row] = await db.gateway.run(
    'tests.remaining',
    ({ raw }) => raw<{ remaining: bigint }[]>`
    select remaining from records.overpayment_balance where overpayment_id = ${String(overpaymentId)}::bigint`,
  );
  return row?.remaining;
}

describe('a refund, from proposal to decision', () => {
  it('is proposed, approved by another person, and read with both', async () => {
    const { overpaymentId } = await doublePayer();
    const proposed = refundOf(await propose(overpaymentId, 10_000n));
    expect(await remaining(overpaymentId)).toBe(0n);
    expect(await decide(proposed, 'approved')).toEqual({ keys: { refund: proposed } });
    const { refund } = await reader.data(
      `{ refund(id: "${proposed}") { state amount proposedBy proposedOn reason decision { outcome decidedBy
        decidedOn reason } payment { paidOn }
        overpayment { cause amount remaining refundApprovedAmount refundProposedAmount } } }`,
      chief,
    );
    expect(refund).toEqual({
      state: 'APPROVED',
      amount: 10_000,
      proposedBy: 'staff-refundOfficer',
      proposedOn: '2026-11-02',
      reason: '二重納付のため',
      decision: {
        outcome: 'APPROVED',
        decidedBy: 'staff-sectionChief',
        decidedOn: '2026-11-02',
        reason: '適正と認める',
      },
      payment: null,
      overpayment: {
        cause: 'DOUBLE_PAYMENT',
        amount: 10_000,
        remaining: 0,
        refundApprovedAmount: 10_000,
        refundProposedAmount: 0,
      },
    });
  });

  it('gives the money free again when it is rejected', async () => {
    const { overpaymentId } = await doublePayer();
    const first = refundOf(await propose(overpaymentId, 10_000n));
    expect(problem(await propose(overpaymentId, 1n))).toEqual(['CONFLICT amount']);
    await decide(first, 'rejected');
    expect(await remaining(overpaymentId)).toBe(10_000n);
    expect(refundOf(await propose(overpaymentId, 10_000n))).toBeGreaterThan(first);
  });

  it('tells what is wrong and writes nothing', async () => {
    const { overpaymentId, person } = await doublePayer();
    expect(problem(await propose(overpaymentId, 10_001n))).toEqual(['CONFLICT amount']);
    expect(problem(await propose(overpaymentId, 0n))).toEqual(['BAD_INPUT amount']);
    expect(problem(await propose(999_999_999n, 1n))).toEqual(['NOT_FOUND overpaymentId']);
    expect(problem(await propose("1' or true --", 1n))).toEqual(['BAD_INPUT id']);
    const { addressee } = await reader.data(
      `{ addressee(addresseeNo: "${person}") { refunds { nodes { id } } } }`,
      officer,
    );
    expect(addressee).toEqual({ refunds: { nodes: [] } });
  });

  it('is not proposed for people of another branch', async () => {
    const { overpaymentId } = await doublePayer();
    const elsewhere = askerOf('refundOfficer', { branchCode: '02' });
    expect(problem(await propose(overpaymentId, 1n, undefined, elsewhere))).toEqual([
      'NOT_FOUND overpaymentId',
    ]);
  });

  it('puts due and unpaid levies first, and keeps why no offset was possible', async () => {
    const { overpaymentId } = await doublePayer({ taxItem: '020', dueOn: '2026-06-01' });
    expect(problem(await propose(overpaymentId, 4_001n))).toEqual(['CONFLICT noOffsetReason']);
    const id = refundOf(await propose(overpaymentId, 10_000n, '徴収猶予中のため'));
    const { refund } = await reader.data(
      `{ refund(id: "${id}") { reason overpayment { dueUnpaidAmount } } }`,
      officer,
    );
    expect(refund).toEqual({
      reason: '二重納付のため（充当できない理由：徴収猶予中のため）',
      overpayment: { dueUnpaidAmount: 6_000 },
    });
  });

  it('is not held back by what limitation or a stay of three years has extinguished', async () => {
    const dueUnpaid = async (id: bigint | undefined) => {
      const list = await reader.data('{ overpayments { nodes { id dueUnpaidAmount } } }', officer);
      const { nodes } = list['overpayments'] as { nodes: { id: string; dueUnpaidAmount: number }[] };
      return nodes.find((each) => each.id === String(id))?.dueUnpaidAmount;
    };
    const limited = await doublePayer({ taxItem: '020', dueOn: '2021-10-31' });
    expect(await dueUnpaid(limited.overpaymentId)).toBe(0);
    expect(problem(await propose(limited.overpaymentId, 10_000n))).toBeUndefined();
    const returned = await doublePayer();
    const old = await records.levy(returned.person, { dueOn: '2021-06-30', taxAmount: 6_000n });
    expect(await dueUnpaid(returned.overpaymentId)).toBe(0);
    const { caseId } = await records.case(returned.person);
    const transferId = await records.transfer({ caseId, addresseeNo: returned.person }, [old], 'active');
    await records.enter(transferId, 2, 'closed');
    expect(await dueUnpaid(returned.overpaymentId)).toBe(6_000);
    await records.result(transferId, 'returned');
    expect(await dueUnpaid(returned.overpaymentId)).toBe(0);
    const owing = await doublePayer({ taxItem: '020', dueOn: '2021-11-02' });
    expect(await dueUnpaid(owing.overpaymentId)).toBe(6_000);
    expect(problem(await propose(owing.overpaymentId, 10_000n))).toEqual(['CONFLICT noOffsetReason']);
    const { overpaymentId, person } = await doublePayer();
    const levyId = await records.levy(person, { dueOn: '2023-06-30', taxAmount: 6_000n });
    const ground = 'noProperty' as const;
    const stay = { levyId, addresseeNo: person, ground, decidedOn: '2023-11-01' };
    const stayId = await records.row(tables.executionStays, stay);
    const cancelled = { stayId, cancelledOn: '2026-11-02', reason: '資力回復' };
    await records.bare(tables.stayCancellations, { ...cancelled, changeId: await records.changeId() });
    expect(await dueUnpaid(overpaymentId)).toBe(0);
    expect(problem(await propose(overpaymentId, 10_000n))).toBeUndefined();
  });

  it.each([
    ['not yet due', { taxItem: '020', dueOn: '2026-11-02' }],
    ['of premiums, which taxes never pay', { taxItem: '050', dueOn: '2026-06-01' }],
  ])('is not held up by levies %s', async (_, debt) => {
    const { overpaymentId } = await doublePayer(debt);
    expect(problem(await propose(overpaymentId, 10_000n))).toBeUndefined();
  });

  it('is proposed once when clerks propose the whole at the same moment', async () => {
    const { overpaymentId, receiptId } = await doublePayer();
    const outcomes = await together(
      'receipt',
      receiptId,
      Array.from({ length: 6 }, () => () => propose(overpaymentId, 10_000n)),
    );
    expect(outcomes.filter(({ keys }) => keys)).toHaveLength(1);
    expect(outcomes.filter((outcome) => problem(outcome)?.[0] === 'CONFLICT amount')).toHaveLength(5);
  });
});

/** Starts every work and lets all go on only when each of them waits for the row. */
async function together<T>(
  table: 'receipt' | 'refund',
  id: bigint,
  works: (() => Promise<T>)[],
): Promise<T[]> {
  const started: Promise<T>[] = [];
  await db.owner.transaction('tests.hold', async (tx) => {
    await tx.run(
      'tests.hold',
      ({ raw }) => raw`
      select from ${raw(`records.${table}`)} where id = ${String(id)}::bigint for update`,
    );
    started.push(...works.map((work) => work()));
    await expect.poll(waiting, { timeout: 2_500, interval: 20 }).toBe(works.length);
  });
  return Promise.all(started);
}

async function waiting(): Promise<number> {
  const rows = await db.owner.run(
    'tests.waiting',
    ({ raw }) => raw`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}

describe('the decision', () => {
  it('is not for who proposed', async () => {
    const { overpaymentId } = await doublePayer();
    const id = refundOf(
      await propose(overpaymentId, 100n, undefined, askerOf('refundOfficer', { actorId: 'both' })),
    );
    const same = askerOf('sectionChief', { actorId: 'both' }, 'REFUND');
    expect(problem(await decide(id, 'approved', same))).toEqual(['DUAL_CONTROL_REQUIRED refundId']);
    expect(problem(await decide(id, 'rejected', same))).toEqual(['DUAL_CONTROL_REQUIRED refundId']);
  });

  it('is not for another account of who proposed: persons count', async () => {
    const changeId = await records.changeId();
    for (const staffId of ['first-account', 'second-account']) {
      await db.owner.run(
        'seed.staff',
        ({ raw }) => raw`
        insert into access.staff (staff_id, person_id, name, kana, state, employment_from, change_id)
        values (${staffId}, 'one-person', '一人', 'ヒトリ', 'active', '2020-04-01', ${String(changeId)}::bigint)`,
      );
    }
    const { overpaymentId } = await doublePayer();
    const id = refundOf(
      await propose(overpaymentId, 100n, undefined, askerOf('refundOfficer', { actorId: 'first-account' })),
    );
    const same = askerOf('sectionChief', { actorId: 'second-account' }, 'REFUND');
    expect(problem(await decide(id, 'approved', same))).toEqual(['DUAL_CONTROL_REQUIRED refundId']);
    expect(problem(await decide(id, 'approved'))).toBeUndefined();
  });

  it('is made once, also when two chiefs decide at the same moment', async () => {
    const { overpaymentId } = await doublePayer();
    const id = refundOf(await propose(overpaymentId, 100n));
    const deciders = ['chief-1', 'chief-2', 'chief-3'].map((actorId) =>
      askerOf('sectionChief', { actorId }, 'REFUND'),
    );
    const outcomes = await together(
      'refund',
      id,
      deciders.map((asker, index) => () => decide(id, index % 2 ? 'rejected' : 'approved', asker)),
    );
    expect(outcomes.filter(({ keys }) => keys)).toHaveLength(1);
    expect(problem(await decide(id, 'approved'))).toEqual(['CONFLICT refundId']);
    expect(problem(await decide(77_777_777n, 'approved'))).toEqual(['NOT_FOUND refundId']);
  });
});

describe('the lists of overpayments and refunds', () => {
  it('takes refunds by state and overpayments that have something left', async () => {
    const { person, overpaymentId } = await doublePayer();
    const id = refundOf(await propose(overpaymentId, 10_000n));
    const ask = async (list: string) => {
      const data = await reader.data(`{ ${list} { nodes { id } } }`, officer);
      return (Object.values(data)[0] as { nodes: { id: string }[] }).nodes.map((node) => node.id);
    };
    const mine = `addresseeNo: "${person}"`;
    expect(await ask(`refunds(filter: { ${mine}, state: PROPOSED })`)).toEqual([String(id)]);
    expect(await ask(`refunds(filter: { ${mine}, state: APPROVED })`)).toEqual([]);
    expect(await ask(`overpayments(filter: { ${mine}, openOnly: true })`)).toEqual([]);
    expect(await ask(`overpayments(filter: { ${mine}, openOnly: false })`)).toEqual([String(overpaymentId)]);
    await decide(id, 'rejected');
    expect(await ask(`refunds(filter: { ${mine}, state: REJECTED })`)).toEqual([String(id)]);
    expect(await ask(`overpayments(filter: { ${mine}, openOnly: true })`)).toEqual([String(overpaymentId)]);
  });

  it('leaves nothing of an overpayment whose receipt was reversed', async () => {
    const { overpaymentId, receiptId, person, levyId } = await doublePayer();
    const changeId = await records.changeId();
    await db.owner.transaction('seed.reversal', async (tx) => {
      const [row] = await tx.run(
        'seed.reversal',
        ({ raw }) => raw<{ id: bigint }[]>`
        insert into records.receipt (source, tax_amount, channel, paid_on, received_on, booked_on,
          addressee_no, match_rule, reverses_id, change_id)
        values ('counter', -10000, 'counter', '2026-07-10', '2026-08-01', '2026-08-01', ${person},
          'person', ${String(receiptId)}::bigint, ${String(changeId)}::bigint)
        returning id`,
      );
      await tx.run(
        'seed.takenBack',
        ({ raw }) => raw`
        insert into records.overpayment (addressee_no, levy_id, receipt_id, cause, amount, arose_on, change_id)
        values (${person}, ${String(levyId)}::bigint, ${String(row?.id)}::bigint, 'reversed', -10000,
          '2026-08-01', ${String(changeId)}::bigint)`,
      );
    });
    expect(await remaining(overpaymentId)).toBe(0n);
    expect(problem(await propose(overpaymentId, 1n))).toEqual(['CONFLICT amount']);
  });
});
