import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { reverseReceipt } from '../../../src/collection/receipt/reversal.store.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';

let db: TestDatabase;
let records: Records;
const RULE = { brokenAfterMissed: 2, pendingDays: 21 };

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
});

interface Instalment {
  readonly dueOn: string;
  readonly amount: bigint;
}
interface Paid {
  readonly on: string;
  readonly amount: bigint;
}

/** A promise of one line of tax, made on 2026-09-01. */
async function promised(instalments: readonly Instalment[], before = 0n) {
  const addresseeNo = await records.addressee();
  const total = instalments.reduce((sum, { amount }) => sum + amount, 0n);
  const levyId = await records.levy(addresseeNo, { taxAmount: total + before });
  if (before > 0n) await records.receipt({ levyId, applied: before }, { paidOn: '2026-08-20' });
  const { caseId } = await records.case(addresseeNo);
  return { levyId, promiseId: await records.promise({ caseId, addresseeNo }, [levyId], instalments) };
}

const pay = (levyId: bigint, { on, amount }: Paid) =>
  records.receipt({ levyId, applied: amount }, { paidOn: on, receivedOn: on, bookedOn: on });
const reduce = (levyId: bigint, by: bigint) =>
  records.row(tables.levyAdjustments, {
    levyId,
    taxDelta: -by,
    reason: '減額',
    decidedOn: '2026-09-10',
    notifiedOn: '2026-09-11',
  });

interface Standing {
  readonly state: string;
  readonly broken_on: string | null;
  readonly paid: bigint;
  readonly instalments: string[];
}

async function standing(promiseId: bigint, today: string): Promise<Standing> {
  const [row] = await db.gateway.run(
    'test.standing',
    ({ raw }) => raw<[Standing]>`
    select records.promise_state(p.id, ${today}::date) as state,
      records.promise_broken_on(p.id, ${today}::date)::text as broken_on,
      records.promise_paid(p.id, 'infinity') as paid,
      array(select records.promise_instalment_state(p.id, i.instalment_no, ${today}::date)
        from records.promise_instalment i where i.promise_id = p.id order by i.instalment_no) as instalments
    from records.instalment_promise p where p.id = ${String(promiseId)}::bigint`,
  );
  return row;
}

const THREE: readonly Instalment[] = [
  { dueOn: '2026-09-30', amount: 10_000n },
  { dueOn: '2026-10-30', amount: 10_000n },
  { dueOn: '2026-11-30', amount: 10_000n },
];

describe('a promise stands', () => {
  it('running while nothing is due, and kept once all is paid', async () => {
    const { levyId, promiseId } = await promised(THREE);
    expect(await standing(promiseId, '2026-09-30')).toEqual({
      state: 'running',
      broken_on: null,
      paid: 0n,
      instalments: ['open', 'open', 'open'],
    });
    await pay(levyId, { on: '2026-09-30', amount: 15_000n });
    expect(await standing(promiseId, '2026-10-01')).toMatchObject({
      paid: 15_000n,
      instalments: ['paid', 'open', 'open'],
    });
    await pay(levyId, { on: '2026-10-05', amount: 15_000n });
    expect(await standing(promiseId, '2026-10-05')).toMatchObject({
      state: 'kept',
      instalments: ['paid', 'paid', 'paid'],
    });
  });

  it('running after one missed instalment, broken after two, once the days for news have passed', async () => {
    const { promiseId } = await promised(THREE);
    expect(await standing(promiseId, '2026-10-21')).toMatchObject({ instalments: ['open', 'open', 'open'] });
    expect(await standing(promiseId, '2026-10-22')).toMatchObject({
      state: 'running',
      instalments: ['missed', 'open', 'open'],
    });
    expect(await standing(promiseId, '2026-11-20')).toMatchObject({ state: 'running' });
    expect(await standing(promiseId, '2026-11-21')).toEqual({
      state: 'broken',
      broken_on: '2026-10-31',
      paid: 0n,
      instalments: ['missed', 'missed', 'lapsed'],
    });
  });

  it('as it did on the day of payment, whenever the news came', async () => {
    const { levyId, promiseId } = await promised(THREE);
    expect(await standing(promiseId, '2026-11-25')).toMatchObject({ state: 'broken' });
    await pay(levyId, { on: '2026-10-30', amount: 10_000n });
    expect(await standing(promiseId, '2026-11-25')).toMatchObject({
      state: 'running',
      instalments: ['paid', 'missed', 'open'],
    });
  });

  it('broken when something is left after the last day', async () => {
    const { levyId, promiseId } = await promised(THREE);
    await pay(levyId, { on: '2026-09-20', amount: 29_999n });
    expect(await standing(promiseId, '2026-12-21')).toMatchObject({ state: 'running' });
    expect(await standing(promiseId, '2026-12-22')).toMatchObject({
      state: 'broken',
      broken_on: '2026-12-01',
      instalments: ['paid', 'paid', 'missed'],
    });
  });

  it('without what was paid before it, and without a payment that was reversed', async () => {
    const { levyId, promiseId } = await promised(THREE, 5_000n);
    expect(await standing(promiseId, '2026-09-02')).toMatchObject({ paid: 0n });
    const { receiptId } = await pay(levyId, { on: '2026-09-20', amount: 10_000n });
    expect(await standing(promiseId, '2026-11-02')).toMatchObject({ paid: 10_000n });
    const changeId = String(await records.changeId());
    await db.owner.transaction('test.reverse', async (tx) => {
      const [row] = await tx.run(
        'test.reverse',
        ({ raw }) => raw<[{ id: bigint }]>`
        insert into records.receipt (source, tax_amount, channel, paid_on, received_on, booked_on, match_rule,
          reverses_id, change_id)
        values ('counter', -10000, 'counter', '2026-09-20', '2026-09-21', '2026-09-21', 'person',
          ${String(receiptId)}::bigint, ${changeId}::bigint) returning id`,
      );
      await tx.run(
        'test.taken',
        ({ raw }) => raw`
        insert into records.allocation (levy_id, component, amount, receipt_id, effective_on, change_id)
        values (${String(levyId)}::bigint, 'tax', -10000, ${String(row.id)}::bigint, '2026-09-20',
          ${changeId}::bigint)`,
      );
    });
    expect(await standing(promiseId, '2026-11-02')).toMatchObject({ paid: 0n });
  });

  it('as it did, when a payment from before it is reversed since; not by one that was reversed before', async () => {
    for (const isReversedBefore of [false, true]) {
      const addresseeNo = await records.addressee();
      const { caseId } = await records.case(addresseeNo);
      const levyId = await records.levy(addresseeNo, { taxAmount: 35_000n });
      const { receiptId } = await records.receipt({ levyId, applied: 5_000n }, { paidOn: '2026-08-20' });
      const reverse = async (changeId: bigint) =>
        db.owner.transaction('test.reverse', (tx) => reverseReceipt(tx, receiptId, changeId));
      if (isReversedBefore) await reverse(await records.newChange());
      const owed = isReversedBefore ? 35_000n : 30_000n;
      const promiseId = await records.promise(
        { caseId, addresseeNo },
        [levyId],
        [{ dueOn: '2026-12-25', amount: owed }],
        { changeId: await records.newChange() },
      );
      if (!isReversedBefore) await reverse(await records.newChange());
      await pay(levyId, { on: '2026-09-20', amount: 10_000n });
      expect(await standing(promiseId, '2026-11-02')).toMatchObject({ paid: 10_000n });
      await pay(levyId, { on: '2026-10-20', amount: owed - 10_000n });
      expect(await standing(promiseId, '2026-11-02')).toMatchObject({ paid: owed, state: 'kept' });
    }
  });

  it('relieved of its last instalments by a reduction, and of nothing by a write-off', async () => {
    const { levyId, promiseId } = await promised(THREE);
    await reduce(levyId, 12_000n);
    await pay(levyId, { on: '2026-09-30', amount: 10_000n });
    expect(await standing(promiseId, '2026-10-01')).toMatchObject({ instalments: ['paid', 'open', 'open'] });
    await pay(levyId, { on: '2026-10-30', amount: 8_000n });
    expect(await standing(promiseId, '2026-10-31')).toMatchObject({
      state: 'kept',
      instalments: ['paid', 'paid', 'paid'],
    });
    const other = await promised(THREE);
    await records.row(tables.writeOffs, {
      levyId: other.levyId,
      component: 'tax',
      amount: 30_000n,
      cause: 'immediate',
      writtenOffOn: '2026-09-10',
    });
    expect(await standing(other.promiseId, '2026-11-21')).toMatchObject({ state: 'broken', paid: 0n });
  });

  it('cancelled or replaced when that was decided, whatever was missed', async () => {
    const { promiseId } = await promised(THREE);
    const ending = { promiseId, endedOn: '2026-11-02', reason: '転出', changeId: await records.changeId() };
    await records.bare(tables.promiseEnds, { ...ending, kind: 'cancelled' });
    expect(await standing(promiseId, '2027-01-01')).toEqual({
      state: 'cancelled',
      broken_on: null,
      paid: 0n,
      instalments: ['missed', 'lapsed', 'lapsed'],
    });
  });

  it('by the rule of the day on which it was made', async () => {
    await db.owner.run(
      'test.rule',
      ({ raw }) => raw`insert into records.promise_rule values ('2030-01-01', 1, 0) on conflict do nothing`,
    );
    const { promiseId } = await promised(THREE);
    expect(await standing(promiseId, '2026-10-22')).toMatchObject({ state: 'running' });
    const addresseeNo = await records.addressee();
    const levyId = await records.levy(addresseeNo, { taxAmount: 10_000n });
    const { caseId } = await records.case(addresseeNo);
    const strict = await records.promise(
      { caseId, addresseeNo },
      [levyId],
      [{ dueOn: '2030-01-31', amount: 10_000n }],
      { promisedOn: '2030-01-01' },
    );
    expect(await standing(strict, '2030-01-31')).toMatchObject({ state: 'running' });
    expect(await standing(strict, '2030-02-01')).toMatchObject({ state: 'broken', broken_on: '2030-02-01' });
  });
});

/** The rule of handbook 03 §5 once more, day by day, in the plainest words. */
function reckon(
  instalments: readonly Instalment[],
  payments: readonly Paid[],
  relief: bigint,
  today: string,
) {
  const total = instalments.reduce((sum, { amount }) => sum + amount, 0n) - relief;
  const paidBy = (day: string) => {
    const sum = payments.filter(({ on }) => on <= day).reduce((yen, { amount }) => yen + amount, 0n);
    return sum < total ? sum : total;
  };
  let due = 0n;
  const needs = instalments.map(({ amount }) => ((due += amount) < total ? due : total));
  const later = (day: string, days: number) => plainDate(day).add({ days }).toString();
  const isJudged = ({ dueOn }: Instalment) => later(dueOn, RULE.pendingDays) < today;
  let brokenOn: string | null = null;
  instalments.forEach((each, at) => {
    if (brokenOn !== null || !isJudged(each)) return;
    const unpaid = needs.slice(0, at + 1).filter((need) => paidBy(each.dueOn) < need).length;
    const isLast = at === instalments.length - 1;
    const isLeft = isLast && paidBy(later(each.dueOn, RULE.pendingDays)) < total;
    if (unpaid >= RULE.brokenAfterMissed || isLeft) brokenOn = later(each.dueOn, 1);
  });
  const paid = paidBy('9999-12-31');
  return {
    state: brokenOn !== null ? 'broken' : paid >= total ? 'kept' : 'running',
    broken_on: brokenOn,
    instalments: instalments.map((each, at) =>
      paid >= needs[at]! ? 'paid' : isJudged(each) ? 'missed' : brokenOn !== null ? 'lapsed' : 'open',
    ),
  };
}

describe('state, day of breach and states of instalments', () => {
  it(
    'are what a plain reckoning says, for any plan, payments and reduction',
    { timeout: 60_000 },
    async () => {
      const day = (n: number) => plainDate('2026-09-01').add({ days: n }).toString();
      const yen = fc.bigInt({ min: 1n, max: 40n }).map((n) => n * 500n);
      const drawn = fc.record({
        gaps: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), yen), { minLength: 1, maxLength: 6 }),
        payments: fc.array(fc.record({ on: fc.integer({ min: 0, max: 260 }).map(day), amount: yen }), {
          maxLength: 5,
        }),
        lowered: fc.integer({ min: 0, max: 3 }),
        today: fc.integer({ min: 0, max: 320 }).map(day),
      });
      await fc.assert(
        fc.asyncProperty(drawn, async ({ gaps, payments, lowered, today }) => {
          let at = 0;
          const instalments = gaps.map(([gap, amount]) => ({ dueOn: day((at += gap)), amount }));
          const total = instalments.reduce((sum, { amount }) => sum + amount, 0n);
          const relief = (total * BigInt(lowered)) / 10n;
          const kept: Paid[] = [];
          let left = total - relief;
          for (const { on, amount } of payments) {
            const part = amount < left ? amount : left;
            if (part > 0n) kept.push({ on, amount: part });
            left -= part;
          }
          const { levyId, promiseId } = await promised(instalments);
          if (relief > 0n) await reduce(levyId, relief);
          for (const each of kept) await pay(levyId, each);
          expect(await standing(promiseId, today)).toMatchObject(reckon(instalments, kept, relief, today));
        }),
        { numRuns: 60 },
      );
    },
  );
});
