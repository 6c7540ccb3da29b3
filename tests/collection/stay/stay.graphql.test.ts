import { beforeAll, describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { StayChanges } from '../../../src/collection/stay/stay.change.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let reader: Reader;
const changes = new StayChanges();
const officer = askerOf('delinquencyOfficer');
const chief = askerOf('sectionChief', {}, 'DELINQUENCY');

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

/** Two lines that are due and unpaid. */
async function debtor(change: { branchCode?: string } = {}) {
  const addresseeNo = await records.addressee(change);
  const levies = [
    await records.levy(addresseeNo, { dueOn: '2025-06-30' }),
    await records.levy(addresseeNo, { dueOn: '2025-09-01' }),
  ];
  return { addresseeNo, levies, ...(await records.case(addresseeNo)) };
}

type Debtor = Awaited<ReturnType<typeof debtor>>;

function propose(of: Debtor, change: object = {}, asker = officer): Promise<ChangeOutcome> {
  const input = {
    idempotencyKey: 'key-00000001',
    addresseeNo: of.addresseeNo,
    ground: 'noProperty' as const,
    levyIds: of.levies.map(String),
    reason: '差し押さえる財産がないため',
    ...change,
  };
  return makeChange(db.gateway, asker, (context) => changes.proposeStay(input, context));
}

function decide(id: unknown, outcome: 'approved' | 'rejected' = 'approved', asker = chief) {
  const input = { idempotencyKey: 'key-00000002', proposalId: String(id), outcome, reason: '適正と認める' };
  return makeChange(db.gateway, asker, (context) => changes.decideStay(input, context));
}

function cancel(stayId: unknown, asker = chief) {
  const input = { idempotencyKey: 'key-00000003', stayId: String(stayId), reason: '資力回復' };
  return makeChange(db.gateway, asker, (context) => changes.cancelStay(input, context));
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);

function proposalOf(outcome: ChangeOutcome): bigint {
  expect(problem(outcome)).toBeUndefined();
  return outcome.keys?.['proposal'] as bigint;
}

const staysOf = (of: Debtor) =>
  db.gateway.run(
    'test.stays',
    ({ raw }) => raw<{ id: bigint; levy_id: bigint; decided_on: string; in_force: boolean }[]>`
    select id, levy_id, decided_on, records.stay_in_force(id) as in_force from records.execution_stay
    where addressee_no = ${of.addresseeNo} order by levy_id`,
  );

describe('a stay, from proposal to cancellation', () => {
  it('is entered for every line when another person approves it, and not before', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    expect(await staysOf(of)).toHaveLength(0);
    expect(proposalOf(await decide(id))).toBe(id);
    const [first, second] = of.levies;
    const stays = await staysOf(of);
    expect(stays).toMatchObject([
      { levy_id: first, decided_on: '2026-11-02', in_force: true },
      { levy_id: second, decided_on: '2026-11-02', in_force: true },
    ]);
    const { stayProposal } = await reader.data(
      `{ stayProposal(id: "${id}") { state ground lineCount proposedBy proposedOn reason levyLines { id }
        decision { outcome decidedBy decidedOn reason } stays { ground decidedOn cancelledOn }
        addressee { addresseeNo } } }`,
      chief,
    );
    const stay = { ground: 'NO_PROPERTY', decidedOn: '2026-11-02', cancelledOn: null };
    expect(stayProposal).toEqual({
      state: 'APPROVED',
      ground: 'NO_PROPERTY',
      lineCount: 2,
      proposedBy: 'staff-delinquencyOfficer',
      proposedOn: '2026-11-02',
      reason: '差し押さえる財産がないため',
      levyLines: of.levies.map((levy) => ({ id: String(levy) })),
      decision: {
        outcome: 'APPROVED',
        decidedBy: 'staff-sectionChief',
        decidedOn: '2026-11-02',
        reason: '適正と認める',
      },
      stays: [stay, stay],
      addressee: { addresseeNo: of.addresseeNo },
    });
    expect(problem(await propose(of))).toEqual(['CONFLICT levyIds']);
    expect(problem(await cancel(stays[0]?.id))).toBeUndefined();
    expect((await staysOf(of)).map(({ in_force }) => in_force)).toEqual([false, true]);
    expect(problem(await cancel(stays[0]?.id))).toEqual(['CONFLICT stayId']);
    expect(problem(await propose(of, { levyIds: [String(first)] }))).toBeUndefined();
  });

  it('is rejected without effect, and proposed anew', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    expect(problem(await propose(of))).toEqual(['CONFLICT levyIds']);
    await decide(id, 'rejected');
    expect(await staysOf(of)).toHaveLength(0);
    expect(problem(await decide(id))).toEqual(['CONFLICT proposalId']);
    expect(problem(await propose(of))).toBeUndefined();
  });

  it('is not decided by who proposed it, also not by another account of his', async () => {
    const of = await debtor();
    const both = askerOf('delinquencyOfficer', { actorId: 'both' });
    const id = proposalOf(await propose(of, {}, both));
    const self = askerOf('sectionChief', { actorId: 'both' }, 'DELINQUENCY');
    expect(problem(await decide(id, 'approved', self))).toEqual(['DUAL_CONTROL_REQUIRED proposalId']);
  });

  it('is not approved when a line was paid since', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    await records.receipt({ levyId: of.levies[0]!, applied: 10_000n }, { paidOn: '2026-10-30' });
    expect(problem(await decide(id))).toEqual(['CONFLICT proposalId']);
    expect(await staysOf(of)).toHaveLength(0);
  });

  it('is not for a line under a seizure, of the organization, or of another person', async () => {
    const of = await debtor();
    const seized = {
      caseId: of.caseId,
      addresseeNo: of.addresseeNo,
      kind: 'seizure',
      assetClass: 'deposit',
    } as const;
    const dispositionId = await records.row(tables.dispositions, {
      ...seized,
      object: '普通預金',
      executedOn: '2026-09-10',
    });
    await records.bare(tables.dispositionClaims, { dispositionId, levyId: of.levies[0]!, amount: 10_000n });
    expect(problem(await propose(of))).toEqual(['CONFLICT levyIds']);
    expect(problem(await propose(of, { ground: 'livingInDistress' }))).toBeUndefined();
    const locked = await debtor();
    await records.transfer(locked, [locked.levies[0]!], 'active');
    expect(problem(await propose(locked))).toEqual(['CONFLICT levyIds']);
    expect(problem(await propose(locked, { levyIds: of.levies.map(String) }))).toEqual(['NOT_FOUND levyIds']);
    const frozen = await debtor();
    const id = proposalOf(await propose(frozen));
    const transferId = await records.transfer(frozen, [frozen.levies[0]!], 'frozen');
    expect(problem(await decide(id))).toEqual(['CONFLICT proposalId']);
    await records.enter(transferId, 2, 'aborted');
    expect(problem(await decide(id))).toBeUndefined();
  });

  it('is for what the organization has returned, though its limitation seems complete here', async () => {
    const of = await debtor();
    const old = await records.levy(of.addresseeNo, { dueOn: '2021-06-30' });
    const levyIds = [String(old)];
    expect(problem(await propose(of, { levyIds }))).toEqual(['CONFLICT levyIds']);
    const transferId = await records.transfer(of, [old], 'active');
    await records.enter(transferId, 2, 'closed');
    const id = proposalOf(await propose(of, { levyIds }));
    expect(proposalOf(await decide(id))).toBe(id);
    expect(await staysOf(of)).toMatchObject([{ levy_id: old, in_force: true }]);
  });

  it('does not exist for another branch, and is refused to those who handle no cases', async () => {
    const of = await debtor({ branchCode: '01' });
    const elsewhere = { branchCode: '02' };
    expect(problem(await propose(of, {}, askerOf('delinquencyOfficer', elsewhere)))).toEqual([
      'NOT_FOUND addresseeNo',
    ]);
    const id = proposalOf(await propose(of));
    const away = askerOf('sectionChief', elsewhere, 'DELINQUENCY');
    expect(problem(await decide(id, 'approved', away))).toEqual(['NOT_FOUND proposalId']);
    await decide(id);
    expect(problem(await cancel((await staysOf(of))[0]?.id, away))).toEqual(['NOT_FOUND stayId']);
    const answer = await reader.ask('{ stayProposals { nodes { id } } }', askerOf('collectionClerk'));
    expect(answer.refusals).toMatchObject([{ field: { missing: 'disposition:read' } }]);
    const { stayProposals } = await reader.data(
      `{ stayProposals(filter: { addresseeNo: "${of.addresseeNo}", state: APPROVED }) { nodes { id } } }`,
      chief,
    );
    expect(stayProposals).toEqual({ nodes: [{ id: String(id) }] });
  });
});

describe('the database', () => {
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
        orm.insert(tables.stayDecisions).values({ ...entry, proposalId, changeId, ...change }),
      )
      .then(
        () => 'done',
        (error: unknown) => (error as { facts: { constraint?: string } }).facts.constraint,
      );
  }

  it('lets the gateway enter no stay but by a decision', async () => {
    const of = await debtor();
    const row = { levyId: of.levies[0]!, addresseeNo: of.addresseeNo, ground: 'noProperty' as const };
    const changeId = await records.changeId();
    await expect(
      db.gateway.run('test.direct', ({ orm }) =>
        orm.insert(tables.executionStays).values({ ...row, decidedOn: '2026-11-02', changeId }),
      ),
    ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });

  it('refuses a decision by who proposed, and of lines that are not due, settled, stayed or extinguished', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    expect(await enter(id, { decidedBy: 'staff-delinquencyOfficer' })).toBe('stay_decision_second_person');
    expect(await enter(id, { decidedOn: '2025-09-01' })).toBe('stay_stayable');
    expect(await enter(id, { decidedOn: '2030-07-01' })).toBe('stay_stayable');
    const twice = await records.stayProposal(
      { addresseeNo: of.addresseeNo, ground: 'noProperty' },
      of.levies,
    );
    expect(await enter(id)).toBe('done');
    expect(await enter(twice)).toBe('stay_stayable');
    const paid = await debtor();
    const second = proposalOf(await propose(paid));
    await records.receipt({ levyId: paid.levies[0]!, applied: 10_000n }, { paidOn: '2026-10-30' });
    expect(await enter(second)).toBe('stay_stayable');
    for (const state of ['active', 'frozen', 'inCarry'] as const) {
      const locked = await debtor();
      const third = proposalOf(await propose(locked));
      await records.transfer(locked, [locked.levies[0]!], state);
      expect(await enter(third)).toBe('collection_locked');
    }
  });

  it('refuses a claim that joins a proposal later', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of, { levyIds: [String(of.levies[0])] }));
    const claim = { proposalId: id, levyId: of.levies[1]! };
    await expect(records.bare(tables.stayClaims, claim)).rejects.toMatchObject({
      facts: { constraint: 'stay_lines' },
    });
  });
});
