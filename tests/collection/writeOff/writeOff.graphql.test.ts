import { beforeAll, describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { reverseReceipt } from '../../../src/collection/receipt/reversal.store.js';
import { WriteOffChanges } from '../../../src/collection/writeOff/writeOff.change.graphql.js';
import { stayExtinctionOf } from '../../../src/collection/writeOff/writeOff.js';
import { buildSchema } from '../../../src/gateway/schema/build.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';

let db: TestDatabase;
let records: Records;
let reader: Reader;
const changes = new WriteOffChanges();
const officer = askerOf('delinquencyOfficer');
const chief = askerOf('sectionChief', {}, 'DELINQUENCY');

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  reader = new Reader(buildSchema(COLLECTION_RESOLVERS), db.gateway);
});

/** Two lines that limitation has ended, one with a fee and a part payment long ago. */
async function debtor(change: { branchCode?: string } = {}) {
  const addresseeNo = await records.addressee(change);
  const first = await records.levy(addresseeNo, { dueOn: '2020-06-30' });
  const second = await records.levy(addresseeNo, { dueOn: '2020-08-31', taxAmount: 6_000n });
  await records.receipt({ levyId: second, applied: 1_000n }, { paidOn: '2020-10-01' });
  await records.row(tables.levyCharges, {
    levyId: first,
    component: 'reminderFee',
    amount: 100n,
    decidedOn: '2020-07-20',
    reason: '督促',
  });
  return { addresseeNo, levies: [first, second], ...(await records.case(addresseeNo)) };
}

type Debtor = Awaited<ReturnType<typeof debtor>>;

const stay = (of: Debtor, levyId: bigint, decidedOn: string) =>
  records.row(tables.executionStays, {
    levyId,
    addresseeNo: of.addresseeNo,
    ground: 'noProperty',
    decidedOn,
  });

function propose(of: Debtor, change: object = {}, asker = officer): Promise<ChangeOutcome> {
  const input = {
    idempotencyKey: 'key-00000001',
    addresseeNo: of.addresseeNo,
    cause: 'limitation' as const,
    levyIds: of.levies.map(String),
    reason: '時効完成のため',
    ...change,
  };
  return makeChange(db.gateway, asker, (context) => changes.proposeWriteOff(input, context));
}

function decide(id: unknown, outcome: 'approved' | 'rejected' = 'approved', asker = chief) {
  const input = { idempotencyKey: 'key-00000002', proposalId: String(id), outcome, reason: '適正と認める' };
  return makeChange(db.gateway, asker, (context) => changes.decideWriteOff(input, context));
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);
function proposalOf(outcome: ChangeOutcome): bigint {
  expect(problem(outcome)).toBeUndefined();
  return outcome.keys?.['proposal'] as bigint;
}

/** What was written off of a line and what it still owes, from the balance. */
async function balance(levyId: bigint) {
  const [row] = await db.gateway.run(
    'test.balance',
    ({ raw }) => raw<[{ written_off: bigint; owed: bigint; settled: boolean }]>`
    select written_off, tax_outstanding + reminder_fee_outstanding as owed, settled from records.levy_balance
    where levy_id = ${String(levyId)}::bigint`,
  );
  return row;
}

describe('a write-off, from proposal to decision', () => {
  it('changes nothing until another person approves it, and then books every yen', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    expect(await balance(of.levies[0]!)).toEqual({ written_off: 0n, owed: 10_100n, settled: false });
    expect(proposalOf(await decide(id))).toBe(id);
    expect(await balance(of.levies[0]!)).toEqual({ written_off: 10_100n, owed: 0n, settled: true });
    expect(await balance(of.levies[1]!)).toEqual({ written_off: 5_000n, owed: 0n, settled: true });
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
    const { writeOffProposal } = await reader.data(
      `{ writeOffProposal(id: "${id}") { state cause amount proposedBy proposedOn reason claimCount
        claims { component amount extinguishedOn stay { id } levyLine { id } }
        decision { outcome decidedBy decidedOn reason } addressee { addresseeNo } } }`,
      chief,
    );
    expect(writeOffProposal).toEqual({
      state: 'APPROVED',
      cause: 'LIMITATION',
      amount: 15_100,
      proposedBy: 'staff-delinquencyOfficer',
      proposedOn: '2026-11-02',
      reason: '時効完成のため',
      claimCount: 3,
      claims: [
        ['REMINDER_FEE', 100, '2025-07-01', of.levies[0]],
        ['TAX', 10_000, '2025-07-01', of.levies[0]],
        ['TAX', 5_000, '2025-10-02', of.levies[1]],
      ].map(([component, amount, extinguishedOn, levyId]) => ({
        component,
        amount,
        extinguishedOn,
        stay: null,
        levyLine: { id: String(levyId) },
      })),
      decision: {
        outcome: 'APPROVED',
        decidedBy: 'staff-sectionChief',
        decidedOn: '2026-11-02',
        reason: '適正と認める',
      },
      addressee: { addresseeNo: of.addresseeNo },
    });
    const { levyLine } = await reader.data(
      `{ levyLine(id: "${of.levies[1]}") { writeOffs { component amount cause writtenOffOn proposal { id } } } }`,
      officer,
    );
    expect(levyLine).toEqual({
      writeOffs: [
        {
          component: 'TAX',
          amount: 5_000,
          cause: 'LIMITATION',
          writtenOffOn: '2026-11-02',
          proposal: { id: String(id) },
        },
      ],
    });
  });

  it('leaves the lines as they are when it is rejected, and they can be proposed again', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    expect(problem(await propose(of))).toEqual(['CONFLICT levyIds']);
    proposalOf(await decide(id, 'rejected'));
    expect(await balance(of.levies[0]!)).toMatchObject({ written_off: 0n });
    expect(problem(await decide(id))).toEqual(['CONFLICT proposalId']);
    proposalOf(await propose(of));
  });

  it('names the stay it rests on: three years of it, or at once', async () => {
    const of = await debtor();
    const levyIds: string[] = [];
    for (const decidedOn of ['2023-10-01', '2026-01-10']) {
      const levyId = await records.levy(of.addresseeNo, { dueOn: '2023-06-30', taxAmount: 3_000n });
      await stay(of, levyId, decidedOn);
      levyIds.push(String(levyId));
    }
    const [three, recent] = levyIds as [string, string];
    expect(problem(await propose(of, { cause: 'stayThreeYears', levyIds: [recent] }))).toEqual([
      'CONFLICT levyIds',
    ]);
    expect(problem(await propose(of, { cause: 'immediate', levyIds: [three] }))).toEqual([
      'CONFLICT levyIds',
    ]);
    const ids = [
      proposalOf(await propose(of, { cause: 'stayThreeYears', levyIds: [three] })),
      proposalOf(await propose(of, { cause: 'immediate', levyIds: [recent] })),
    ];
    for (const id of ids) proposalOf(await decide(id));
    const { delinquencyCase } = await reader.data(
      `{ delinquencyCase(caseNo: "${of.caseNo}") { writeOffProposals { nodes { cause state
        claims { extinguishedOn stay { decidedOn } } } } } }`,
      officer,
    );
    expect(delinquencyCase).toEqual({
      writeOffProposals: {
        nodes: [
          {
            cause: 'IMMEDIATE',
            state: 'APPROVED',
            claims: [{ extinguishedOn: null, stay: { decidedOn: '2026-01-10' } }],
          },
          {
            cause: 'STAY_THREE_YEARS',
            state: 'APPROVED',
            claims: [{ extinguishedOn: '2026-10-02', stay: { decidedOn: '2023-10-01' } }],
          },
        ],
      },
    });
  });

  it('rests on a stay that was cancelled only after it had extinguished the line', async () => {
    for (const [cancelledOn, code] of [
      ['2026-10-01', 'CONFLICT levyIds'],
      ['2026-10-02', undefined],
    ] as const) {
      const of = await debtor();
      const levyId = await records.levy(of.addresseeNo, { dueOn: '2023-06-30' });
      const stayId = await stay(of, levyId, '2023-10-01');
      const cancelled = { stayId, cancelledOn, reason: '資力回復', changeId: await records.changeId() };
      await records.bare(tables.stayCancellations, cancelled);
      const outcome = await propose(of, { cause: 'stayThreeYears', levyIds: [String(levyId)] });
      expect(problem(outcome)).toEqual(code && [code]);
      if (code === undefined) proposalOf(await decide(proposalOf(outcome)));
    }
  });

  it('is refused with the field that is wrong', async () => {
    const of = await debtor();
    const other = await debtor();
    const young = await records.levy(of.addresseeNo, { dueOn: '2024-06-30' });
    expect(problem(await propose(of, { levyIds: [String(young)] }))).toEqual(['CONFLICT levyIds']);
    expect(problem(await propose(of, { levyIds: other.levies.map(String) }))).toEqual(['NOT_FOUND levyIds']);
    expect(problem(await propose(of, { levyIds: ['99999999'] }))).toEqual(['NOT_FOUND levyIds']);
    expect(problem(await propose(of, { levyIds: [] }))).toEqual(['BAD_INPUT levyIds']);
    expect(problem(await propose(of, { reason: ' ' }))).toEqual(['BAD_INPUT reason']);
    expect(problem(await decide(99_999_999))).toEqual(['NOT_FOUND proposalId']);
  });

  it('is void when the lines have changed since: paid, acknowledged, or no longer stayed', async () => {
    const paid = await debtor();
    const first = proposalOf(await propose(paid));
    await records.receipt({ levyId: paid.levies[0]!, applied: 1n }, { paidOn: '2026-11-01' });
    expect(problem(await decide(first))).toEqual(['CONFLICT proposalId']);
    expect(await balance(paid.levies[1]!)).toMatchObject({ written_off: 0n });
    proposalOf(await decide(first, 'rejected'));

    const acknowledged = await debtor();
    const second = proposalOf(await propose(acknowledged));
    await records.promise(
      acknowledged,
      [acknowledged.levies[0]!],
      [{ dueOn: '2026-12-25', amount: 10_000n }],
      { promisedOn: '2024-01-10' },
    );
    expect(problem(await decide(second))).toEqual(['CONFLICT proposalId']);

    const stayed = await debtor();
    const levyId = await records.levy(stayed.addresseeNo, { dueOn: '2023-06-30' });
    const stayId = await stay(stayed, levyId, '2023-10-01');
    const third = proposalOf(await propose(stayed, { cause: 'stayThreeYears', levyIds: [String(levyId)] }));
    const cancellation = { stayId, cancelledOn: '2026-09-01', reason: '資力回復' };
    await records.bare(tables.stayCancellations, { ...cancellation, changeId: await records.changeId() });
    expect(problem(await decide(third))).toEqual(['CONFLICT proposalId']);
  });
});

describe('a line of the collection organization', () => {
  it('is not written off while that collects it, however it was proposed before', async () => {
    const of = await debtor();
    const levyIds = [String(of.levies[0])];
    const id = proposalOf(await propose(of, { levyIds }));
    const transferId = await records.transfer(of, [of.levies[0]!], 'delivered');
    await records.enter(transferId, 2, 'active');
    const refused = await decide(id);
    expect(problem(refused)).toEqual(['CONFLICT proposalId']);
    expect(refused.userErrors?.[0]?.message).toContain('is with the collection organization');
    proposalOf(await decide(id, 'rejected'));
    expect(problem(await propose(of, { levyIds }))).toEqual(['CONFLICT levyIds']);
    await records.enter(transferId, 3, 'closed');
    expect((await propose(of, { levyIds })).userErrors?.[0]?.message).toContain('may have renewed');
    await stay(of, of.levies[0]!, '2021-05-10');
    proposalOf(await propose(of, { levyIds, cause: 'stayThreeYears' }));
  });
});

describe('money that came after the extinction', () => {
  it('refuses the approval until a clerk has set it free', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    const { receiptId } = await records.receipt(
      { levyId: of.levies[0]!, applied: 1_000n },
      { paidOn: '2025-07-01' },
    );
    const refused = await decide(id);
    expect(problem(refused)).toEqual(['CONFLICT proposalId']);
    expect(refused.userErrors?.[0]?.message).toContain('Set the money free');
    await makeChange(db.gateway, officer, async ({ tx, changeId }) => {
      await reverseReceipt(tx, receiptId, changeId);
      return { keys: {} };
    });
    proposalOf(await decide(id));
    expect(await balance(of.levies[0]!)).toMatchObject({ written_off: 10_100n, owed: 0n });
  });
});

describe('the decision', () => {
  it('is not for who proposed, nor for another account of that person', async () => {
    const changeId = await records.changeId();
    for (const staffId of ['first-account', 'second-account'])
      await db.owner.run(
        'seed.staff',
        ({ raw }) => raw`
        insert into access.staff (staff_id, person_id, name, kana, state, employment_from, change_id)
        values (${staffId}, 'one-person', '一人', 'ヒトリ', 'active', '2020-04-01', ${String(changeId)}::bigint)`,
      );
    const id = proposalOf(
      await propose(await debtor(), {}, askerOf('delinquencyOfficer', { actorId: 'first-account' })),
    );
    for (const actorId of ['first-account', 'second-account']) {
      const same = askerOf('sectionChief', { actorId }, 'DELINQUENCY');
      expect(problem(await decide(id, 'approved', same))).toEqual(['DUAL_CONTROL_REQUIRED proposalId']);
    }
    proposalOf(await decide(id));
  });

  it('is made once when chiefs decide at the same moment, and booked once', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    const started: Promise<ChangeOutcome>[] = [];
    await db.owner.transaction('test.hold', async (tx) => {
      await tx.run(
        'test.hold',
        ({ raw }) => raw`select records.lock_levies(array[${String(of.levies[0])}::bigint])`,
      );
      for (const actorId of ['chief-1', 'chief-2', 'chief-3'])
        started.push(decide(id, 'approved', askerOf('sectionChief', { actorId }, 'DELINQUENCY')));
      await expect.poll(waiting, { timeout: 2_500, interval: 20 }).toBe(3);
    });
    const outcomes = await Promise.all(started);
    expect(outcomes.filter(({ keys }) => keys)).toHaveLength(1);
    expect(outcomes.filter((outcome) => problem(outcome)?.[0] === 'CONFLICT proposalId')).toHaveLength(2);
    expect(await balance(of.levies[0]!)).toMatchObject({ written_off: 10_100n, owed: 0n });
  });

  it('and a payment of the same moment: no yen is counted twice', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    const payment = records.receipt({ levyId: of.levies[0]!, applied: 4_000n }, { paidOn: '2026-11-01' });
    const [outcome] = await Promise.all([decide(id), payment]);
    const written = problem(outcome) === undefined ? 10_100n : 0n;
    expect(await balance(of.levies[0]!)).toMatchObject({ written_off: written, owed: 6_100n - written });
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
  });

  it('does not exist for another branch, and the list is refused to those who handle no cases', async () => {
    const of = await debtor({ branchCode: '01' });
    const elsewhere = { branchCode: '02' };
    expect(problem(await propose(of, {}, askerOf('delinquencyOfficer', elsewhere)))).toEqual([
      'NOT_FOUND addresseeNo',
    ]);
    const id = proposalOf(await propose(of));
    const chiefElsewhere = askerOf('sectionChief', elsewhere, 'DELINQUENCY');
    expect(problem(await decide(id, 'approved', chiefElsewhere))).toEqual(['NOT_FOUND proposalId']);
    const answer = await reader.ask('{ writeOffProposals { nodes { id } } }', askerOf('collectionClerk'));
    expect(answer.data).toEqual({ writeOffProposals: null });
    expect(answer.refusals).toMatchObject([{ field: { missing: 'writeOff:read' } }]);
    const { writeOffProposals } = await reader.data(
      `{ writeOffProposals(filter: { addresseeNo: "${of.addresseeNo}", state: PROPOSED, cause: LIMITATION }) {
        nodes { id } } }`,
      chief,
    );
    expect(writeOffProposals).toEqual({ nodes: [{ id: String(id) }] });
  });
});

async function waiting(): Promise<number> {
  const rows = await db.owner.run(
    'test.waiting',
    ({ raw }) => raw`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}

describe('the database', () => {
  /** A decision as the gateway's role writes it, past every check of ours. */
  async function enter(proposalId: bigint, change: object = {}): Promise<unknown> {
    const entry = {
      outcome: 'approved' as const,
      decidedBy: 'staff-other',
      decidedOn: '2026-11-02',
      reason: '直接',
    };
    const changeId = await records.changeId();
    return db.gateway
      .run('test.decide', ({ orm }) =>
        orm.insert(tables.writeOffDecisions).values({ ...entry, proposalId, changeId, ...change }),
      )
      .then(
        () => 'done',
        (error: unknown) => (error as { facts: { constraint?: string } }).facts.constraint,
      );
  }

  it('reckons the day on which a stay extinguishes as we do', async () => {
    const rows = await db.gateway.run(
      'test.extinction',
      ({ raw }) => raw<{ decided: string; extinguished: string }[]>`
      select d::date::text as decided, records.stay_extinction(d::date)::text as extinguished
      from generate_series('2023-12-25'::date, '2028-03-05'::date, '1 day') as d`,
    );
    expect(rows).toHaveLength(1_533);
    for (const { decided, extinguished } of rows) expect(extinguished).toBe(stayExtinctionOf(decided));
  });

  it('lets nobody write off but by a decision', async () => {
    const of = await debtor();
    const changeId = await records.changeId();
    const row = {
      levyId: of.levies[0]!,
      component: 'tax' as const,
      amount: 1n,
      cause: 'limitation' as const,
    };
    for (const database of [db.gateway, db.loader])
      await expect(
        database.run('test.direct', ({ orm }) =>
          orm.insert(tables.writeOffs).values({ ...row, writtenOffOn: '2026-11-02', changeId }),
        ),
      ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });

  it('refuses a decision by who proposed, before the extinction, or of other sums than are owed', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    expect(await enter(id, { decidedBy: 'staff-delinquencyOfficer' })).toBe(
      'write_off_decision_second_person',
    );
    expect(await enter(id, { decidedOn: '2025-10-01' })).toBe('write_off_extinguished');
    // News of payments is waited for: 21 days from 2025-10-02, of the line that was extinguished last.
    expect(await enter(id, { decidedOn: '2025-10-22' })).toBe('write_off_extinguished');
    await records.row(tables.levyCharges, {
      levyId: of.levies[1]!,
      component: 'lateCharge',
      amount: 500n,
      decidedOn: '2026-11-01',
      reason: '延滞金',
    });
    expect(await enter(id, { decidedOn: '2025-10-23' })).toBe('write_off_outstanding');
    expect(await balance(of.levies[0]!)).toMatchObject({ written_off: 0n });
  });

  it('refuses a decision while the organization collects a line, or it was paid after its extinction', async () => {
    const locked = await debtor();
    const first = proposalOf(await propose(locked));
    await records.transfer(locked, [locked.levies[0]!], 'active');
    expect(await enter(first)).toBe('collection_locked');
    const paid = await debtor();
    const second = proposalOf(await propose(paid));
    await records.receipt({ levyId: paid.levies[0]!, applied: 1n }, { paidOn: '2025-07-01' });
    expect(await enter(second)).toBe('write_off_paid_since');
  });

  it('refuses for limitation what the organization accepted once, claim and decision', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    const transferId = await records.transfer(of, [of.levies[0]!], 'active');
    await records.enter(transferId, 2, 'closed');
    expect(await enter(id)).toBe('write_off_accepted');
    expect(await enter(id, { outcome: 'rejected' })).toBe('done');
    const claim = { levyId: of.levies[0]!, component: 'tax' as const, amount: 1n };
    const claims = (cause: 'limitation' | 'stayThreeYears') =>
      records.writeOffProposal({ addresseeNo: of.addresseeNo, cause }, [claim]);
    await expect(claims('limitation')).rejects.toMatchObject({ facts: { constraint: 'write_off_accepted' } });
    await expect(claims('stayThreeYears')).resolves.toBeTypeOf('bigint');
  });

  it('refuses a claim that joins a proposal later, and a proposal of another sum', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of, { levyIds: [String(of.levies[0])] }));
    const claim = { proposalId: id, levyId: of.levies[1]!, component: 'tax', amount: 5_000n };
    await expect(records.bare(tables.writeOffClaims, claim)).rejects.toMatchObject({
      facts: { constraint: 'write_off_sums' },
    });
    await expect(
      records.row(tables.writeOffProposals, {
        addresseeNo: of.addresseeNo,
        cause: 'limitation',
        amount: 1n,
        proposedBy: 'S0001',
        proposedOn: '2026-11-02',
        reason: '欠損',
      }),
    ).rejects.toMatchObject({ facts: { constraint: 'write_off_sums' } });
  });
});
