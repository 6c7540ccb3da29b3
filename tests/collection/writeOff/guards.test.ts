import { describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { stayExtinctionOf } from '../../../src/collection/writeOff/writeOff.js';
import { proposalOf, writingOff } from './support.js';

const { db, records, debtor, propose, balance } = await writingOff();

describe('the database of write-offs', () => {
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

  it('refuses for limitation what the organization had, until all is known that it did', async () => {
    const of = await debtor();
    const id = proposalOf(await propose(of));
    const transferId = await records.transfer(of, [of.levies[0]!], 'active');
    await records.enter(transferId, 2, 'closed');
    expect(await enter(id)).toBe('write_off_held');
    await records.result(transferId, 'returned');
    expect(await enter(id)).toBe('done');
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
