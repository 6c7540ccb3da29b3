import { describe, expect, it } from 'vitest';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { askerOf, Reader } from '../../support/read.js';
import { chief, problem, proposalOf, writingOff } from './support.js';
import { schemaOf } from '../../support/schema.js';

const { db, records, debtor, propose, decide, balance } = await writingOff();
const reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);

describe('the decision of a write-off', () => {
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
