import { beforeAll, describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { readLimitations } from '../../../src/collection/limitation/limitation.store.js';
import { PromiseChanges } from '../../../src/collection/promise/promise.change.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let reader: Reader;
const changes = new PromiseChanges();
const officer = askerOf('delinquencyOfficer');

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

/** Somebody with lines of 10,000 and 6,000, of which 1,000 is paid, and a fee of 100. */
async function debtor(change: { branchCode?: string } = {}) {
  const addresseeNo = await records.addressee(change);
  const first = await records.levy(addresseeNo, { dueOn: '2024-06-30' });
  const second = await records.levy(addresseeNo, { dueOn: '2024-09-02', taxAmount: 6_000n });
  await records.receipt({ levyId: second, applied: 1_000n }, { paidOn: '2024-10-01' });
  await records.row(tables.levyCharges, {
    levyId: first,
    component: 'reminderFee',
    amount: 100n,
    decidedOn: '2024-07-20',
    reason: '督促',
  });
  return { addresseeNo, levies: [first, second], ...(await records.case(addresseeNo)) };
}

type Debtor = Awaited<ReturnType<typeof debtor>>;

const PLAN = [
  { dueOn: '2026-11-30', amount: 8_000n },
  { dueOn: '2026-12-31', amount: 7_100n },
];

function register(of: Debtor, change: object = {}, asker = officer): Promise<ChangeOutcome> {
  const input = {
    idempotencyKey: 'key-00000001',
    caseNo: of.caseNo,
    promisedOn: '2026-11-02',
    promisedBy: '本人',
    form: 'written' as const,
    levyIds: of.levies.map(String),
    instalments: PLAN,
    ...change,
  };
  return makeChange(db.gateway, asker, (context) => changes.registerInstalmentPromise(input, context));
}

function cancel(promiseId: unknown, reason = '履行の見込みなし', asker = officer): Promise<ChangeOutcome> {
  const input = { idempotencyKey: 'key-00000002', promiseId: String(promiseId), reason };
  return makeChange(db.gateway, asker, (context) => changes.cancelInstalmentPromise(input, context));
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);
const promiseOf = (outcome: ChangeOutcome) => {
  expect(problem(outcome)).toBeUndefined();
  return outcome.keys?.['promise'] as bigint;
};

async function promises(of: Debtor, fields: string, asker = officer): Promise<Record<string, unknown>[]> {
  const { delinquencyCase } = await reader.data(
    `{ delinquencyCase(caseNo: "${of.caseNo}") { promises { nodes { ${fields} } } } }`,
    asker,
  );
  return (delinquencyCase as { promises: { nodes: Record<string, unknown>[] } }).promises.nodes;
}

describe('a promise of a case', () => {
  it('is registered over what the lines owe, and read with its plan', async () => {
    const of = await debtor();
    await register(of);
    expect(
      await promises(
        of,
        `promiseNo promisedOn promisedBy form paymentsAcknowledgeAll amount paid state brokenOn recordedBy end { kind }
         replaces { id } claimCount claims { component amount levyLine { id } }
         instalments { instalmentNo nominalDueOn dueOn amount paid state } delinquencyCase { caseNo }`,
      ),
    ).toEqual([
      {
        promiseNo: 1,
        promisedOn: '2026-11-02',
        promisedBy: '本人',
        form: 'WRITTEN',
        paymentsAcknowledgeAll: false,
        amount: 15_100,
        paid: 0,
        state: 'RUNNING',
        brokenOn: null,
        recordedBy: 'staff-delinquencyOfficer',
        end: null,
        replaces: null,
        claimCount: 3,
        claims: [
          { component: 'REMINDER_FEE', amount: 100, levyLine: { id: String(of.levies[0]) } },
          { component: 'TAX', amount: 10_000, levyLine: { id: String(of.levies[0]) } },
          { component: 'TAX', amount: 5_000, levyLine: { id: String(of.levies[1]) } },
        ],
        instalments: [
          {
            instalmentNo: 1,
            nominalDueOn: '2026-11-30',
            dueOn: '2026-11-30',
            amount: 8_000,
            paid: 0,
            state: 'OPEN',
          },
          {
            instalmentNo: 2,
            nominalDueOn: '2026-12-31',
            dueOn: '2027-01-04',
            amount: 7_100,
            paid: 0,
            state: 'OPEN',
          },
        ],
        delinquencyCase: { caseNo: of.caseNo },
      },
    ]);
  });

  it('shows what is paid, the oldest instalment first, and is kept with the last yen', async () => {
    const of = await debtor();
    await register(of);
    await records.receipt({ levyId: of.levies[0]!, applied: 10_000n }, { paidOn: '2026-11-02' });
    const fields = 'paid state instalments { paid state }';
    expect(await promises(of, fields)).toEqual([
      {
        paid: 10_000,
        state: 'RUNNING',
        instalments: [
          { paid: 8_000, state: 'PAID' },
          { paid: 2_000, state: 'OPEN' },
        ],
      },
    ]);
    await records.receipt({ levyId: of.levies[1]!, applied: 5_000n }, { paidOn: '2026-11-02' });
    await records.row(tables.levyCharges, {
      levyId: of.levies[0]!,
      component: 'reminderFee',
      amount: -100n,
      decidedOn: '2026-11-02',
      reason: '督促手数料の取消',
    });
    expect(await promises(of, 'paid state')).toEqual([{ paid: 15_000, state: 'KEPT' }]);
    expect(problem(await cancel((await promises(of, 'id'))[0]?.['id']))).toEqual(['CONFLICT promiseId']);
  });

  it('is replaced by another, which keeps the first readable', async () => {
    const of = await debtor();
    const first = promiseOf(await register(of));
    expect(problem(await register(of))).toEqual(['CONFLICT levyIds']);
    await records.receipt({ levyId: of.levies[0]!, applied: 3_000n }, { paidOn: '2026-11-02' });
    const revised = {
      replacesId: String(first),
      reason: '減収のため',
      instalments: [{ dueOn: '2026-12-25', amount: 12_100n }],
    };
    expect(problem(await register(of, { ...revised, reason: null }))).toEqual(['BAD_INPUT reason']);
    promiseOf(await register(of, revised));
    expect(
      await promises(of, 'promiseNo amount state end { kind endedOn reason } replaces { promiseNo }'),
    ).toEqual([
      { promiseNo: 2, amount: 12_100, state: 'RUNNING', end: null, replaces: { promiseNo: 1 } },
      {
        promiseNo: 1,
        amount: 15_100,
        state: 'REPLACED',
        end: { kind: 'REPLACED', endedOn: '2026-11-02', reason: '減収のため' },
        replaces: null,
      },
    ]);
    expect(problem(await register(of, { ...revised, reason: '再度' }))).toEqual(['CONFLICT replacesId']);
  });

  it('that was broken keeps its lines until it is replaced or cancelled', async () => {
    const of = await debtor();
    const due = [
      { dueOn: '2026-09-07', amount: 8_000n },
      { dueOn: '2026-09-25', amount: 7_000n },
    ];
    const broken = await records.promise(of, of.levies, due);
    expect(await promises(of, 'state')).toEqual([{ state: 'BROKEN' }]);
    expect(problem(await register(of))).toEqual(['CONFLICT levyIds']);
    promiseOf(await register(of, { replacesId: String(broken), reason: '不履行のため' }));
  });

  it('is cancelled once, with its reason, and its lines can be promised again', async () => {
    const of = await debtor();
    const id = promiseOf(await register(of));
    expect(problem(await cancel(id, ' '))).toEqual(['BAD_INPUT reason']);
    expect(problem(await cancel(99_999_999))).toEqual(['NOT_FOUND promiseId']);
    expect(promiseOf(await cancel(id))).toBe(id);
    expect(problem(await cancel(id))).toEqual(['CONFLICT promiseId']);
    expect(await promises(of, 'state instalments { state }')).toEqual([
      { state: 'CANCELLED', instalments: [{ state: 'LAPSED' }, { state: 'LAPSED' }] },
    ]);
    promiseOf(await register(of));
  });

  it('is refused with the field that is wrong, and nothing is written', async () => {
    const of = await debtor();
    const other = await debtor();
    expect(problem(await register(of, { caseNo: 'C-NONE' }))).toEqual(['NOT_FOUND caseNo']);
    expect(problem(await register(of, { levyIds: other.levies.map(String) }))).toEqual(['NOT_FOUND levyIds']);
    expect(problem(await register(of, { levyIds: [String(of.levies[0])] }))).toEqual([
      'BAD_INPUT instalments',
    ]);
    expect(problem(await register(of, { promisedOn: '2026-11-03' }))).toEqual(['BAD_INPUT promisedOn']);
    const ofOther = String(promiseOf(await register(other)));
    expect(problem(await register(of, { replacesId: ofOther, reason: '誤り' }))).toEqual([
      'NOT_FOUND replacesId',
    ]);
    const changeId = await records.changeId();
    await records.bare(tables.caseClosings, {
      caseId: of.caseId,
      closedOn: '2026-10-01',
      reason: '完納',
      changeId,
    });
    expect(problem(await register(of))).toEqual(['CONFLICT caseNo']);
    expect(await promises(of, 'id')).toEqual([]);
  });

  it('does not exist for another branch, and is refused to those who handle no cases', async () => {
    const of = await debtor({ branchCode: '01' });
    const elsewhere = askerOf('delinquencyOfficer', { branchCode: '02' });
    expect(problem(await register(of, {}, elsewhere))).toEqual(['NOT_FOUND caseNo']);
    const id = promiseOf(await register(of));
    expect(problem(await cancel(id, '取消', elsewhere))).toEqual(['NOT_FOUND promiseId']);
    const answer = await reader.ask(
      `{ delinquencyCase(caseNo: "${of.caseNo}") { promises { nodes { id } } } }`,
      askerOf('transferJob'),
    );
    expect(answer.data).toEqual({ delinquencyCase: { promises: null } });
    expect(answer.refusals).toMatchObject([{ field: { missing: 'promise:read' } }]);
  });

  it('hides who promised for a protected person from all but the staff named', async () => {
    const of = await debtor();
    await register(of);
    await records.protection(of.addresseeNo, { staff: ['staff-delinquencyOfficer'] });
    expect(await promises(of, 'promisedBy amount')).toEqual([{ promisedBy: '本人', amount: 15_100 }]);
    expect(await promises(of, 'promisedBy amount', askerOf('sectionChief', {}, 'DELINQUENCY'))).toEqual([
      { promisedBy: '＊＊＊', amount: 15_100 },
    ]);
  });

  it('is made once when officers promise one line at the same moment', async () => {
    const of = await debtor();
    const started: Promise<ChangeOutcome>[] = [];
    await db.owner.transaction('test.hold', async (tx) => {
      await tx.run(
        'test.hold',
        ({ raw }) => raw`
        select records.lock_levies(array[${String(of.levies[0])}::bigint])`,
      );
      started.push(...Array.from({ length: 4 }, () => register(of)));
      await expect
        .poll(
          async () => {
            const rows = await db.owner.run(
              'test.waiting',
              ({ raw }) => raw`select from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'`,
            );
            return rows.length;
          },
          { timeout: 2_500, interval: 20 },
        )
        .toBe(4);
    });
    const outcomes = await Promise.all(started);
    expect(outcomes.filter(({ keys }) => keys)).toHaveLength(1);
    expect(outcomes.filter((outcome) => problem(outcome)?.[0] === 'CONFLICT levyIds')).toHaveLength(3);
  });
});

describe('what a promise does to limitation (民法152条)', () => {
  const lastDays = async ({ levies }: Debtor) => {
    const limitations = await readLimitations(db.gateway, levies);
    return levies.map((levyId) => limitations.get(levyId)?.completesOn);
  };

  it('a written one acknowledges all its lines, also when it is cancelled; an oral one none', async () => {
    const of = await debtor();
    expect(await lastDays(of)).toEqual(['2029-06-30', '2029-10-01']);
    const oral = promiseOf(await register(of, { form: 'oral' as const }));
    expect(await lastDays(of)).toEqual(['2029-06-30', '2029-10-01']);
    await cancel(oral);
    await cancel(promiseOf(await register(of)));
    expect(await lastDays(of)).toEqual(['2031-11-02', '2031-11-02']);
  });

  it('a payment acknowledges the line it is applied to, or all where a written promise says so', async () => {
    for (const [form, paymentsAcknowledgeAll, other] of [
      ['oral', false, '2029-10-01'],
      ['oral', true, '2029-10-01'],
      ['written', false, '2031-09-01'],
      ['written', true, '2031-09-30'],
    ] as const) {
      const of = await debtor();
      await records.promise(of, of.levies, [{ dueOn: '2026-12-25', amount: 15_000n }], {
        form,
        paymentsAcknowledgeAll,
        promisedOn: '2026-09-01',
      });
      await records.receipt({ levyId: of.levies[0]!, applied: 500n }, { paidOn: '2026-08-31' });
      await records.receipt({ levyId: of.levies[0]!, applied: 500n }, { paidOn: '2026-09-30' });
      expect(await lastDays(of)).toEqual(['2031-09-30', other]);
    }
  });

  it('an extinguished line cannot be promised', async () => {
    const of = await debtor();
    const old = await records.levy(of.addresseeNo, { dueOn: '2021-06-30', taxAmount: 500n });
    const outcome = await register(of, {
      levyIds: [String(old)],
      instalments: [{ dueOn: '2026-11-30', amount: 500n }],
    });
    expect(problem(outcome)).toEqual(['CONFLICT levyIds']);
  });

  it('but for one that the organization gave back, while it has not told all that it did there', async () => {
    const of = await debtor();
    const old = await records.levy(of.addresseeNo, { dueOn: '2021-06-30', taxAmount: 15_100n });
    const asked = { levyIds: [String(old)] };
    expect(problem(await register(of, asked))).toEqual(['CONFLICT levyIds']);
    const transferId = await records.transfer(of, [old], 'active');
    await records.enter(transferId, 2, 'closed');
    promiseOf(await register(of, asked));
  });

  it('nor one that a stay of three years has extinguished, though it was cancelled since', async () => {
    for (const [cancelledOn, code] of [
      [undefined, 'CONFLICT levyIds'],
      ['2026-10-02', 'CONFLICT levyIds'],
      ['2026-10-01', undefined],
    ] as const) {
      const of = await debtor();
      const stay = { levyId: of.levies[0]!, addresseeNo: of.addresseeNo, decidedOn: '2023-10-01' };
      const stayId = await records.row(tables.executionStays, { ...stay, ground: 'noProperty' } as object);
      const cancelled = { stayId, cancelledOn, reason: '資力回復', changeId: await records.changeId() };
      if (cancelledOn !== undefined) await records.bare(tables.stayCancellations, cancelled);
      expect(problem(await register(of))).toEqual(code && [code]);
    }
  });
});

describe('the database', () => {
  it('refuses a promise whose sums differ, at commit', async () => {
    const of = await debtor();
    const off = records.promise(of, of.levies, [{ dueOn: '2026-12-25', amount: 15_001n }]);
    await expect(off).rejects.toMatchObject({ facts: { constraint: 'promise_sums' } });
  });

  it('refuses to add to a promise afterwards', async () => {
    const of = await debtor();
    const promiseId = await records.promise(of, of.levies, [{ dueOn: '2026-12-25', amount: 15_000n }]);
    await expect(
      records.bare(tables.promiseInstalments, {
        promiseId,
        instalmentNo: 2,
        nominalDueOn: '2027-01-25',
        dueOn: '2027-01-25',
        amount: 1n,
      }),
    ).rejects.toMatchObject({ facts: { constraint: 'promise_sums' } });
  });
});
