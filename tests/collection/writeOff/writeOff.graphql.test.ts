import { describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { reverseReceipt } from '../../../src/collection/receipt/reversal.store.js';
import { makeChange, Reader } from '../../support/read.js';
import { chief, officer, problem, proposalOf, writingOff } from './support.js';
import { schemaOf } from '../../support/schema.js';

const { db, records, debtor, stay, propose, decide, balance } = await writingOff();
const reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);

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
    expect((await propose(of, { levyIds })).userErrors?.[0]?.message).toContain('are not all known');
    await stay(of, of.levies[0]!, '2021-05-10');
    proposalOf(await propose(of, { levyIds, cause: 'stayThreeYears' }));
  });

  it('is written off by limitation once all is known that it did there, and nothing kept it alive', async () => {
    const of = await debtor();
    const levyIds = [String(of.levies[0])];
    const transferId = await records.transfer(of, [of.levies[0]!], 'active');
    await records.result(transferId, 'continued');
    await records.result(transferId, 'returned');
    proposalOf(await decide(proposalOf(await propose(of, { levyIds }))));
    expect(await balance(of.levies[0]!)).toMatchObject({ written_off: 10_100n, owed: 0n });
  });

  it('is not while the last word is missing, or one word about dispositions and renewals', async () => {
    const untold = async (say: (transferId: bigint) => Promise<unknown>) => {
      const of = await debtor();
      const transferId = await records.transfer(of, [of.levies[0]!], 'active');
      await say(transferId);
      await records.enter(transferId, 2, 'closed');
      const { userErrors } = await propose(of, { levyIds: [String(of.levies[0])] });
      return userErrors?.[0]?.message ?? '';
    };
    expect(await untold((id) => records.result(id, 'suspensionFit'))).toContain('are not all known');
    expect(await untold((id) => records.result(id, 'returned', { areTold: false }))).toContain('all known');
    const missed = async (id: bigint) => {
      await records.result(id, 'continued', { areTold: false });
      await records.result(id, 'suspensionFit', { isFinal: true });
    };
    expect(await untold(missed)).toContain('are not all known');
    expect(await untold((id) => records.result(id, 'suspensionFit', { isFinal: true }))).toBe('');
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
