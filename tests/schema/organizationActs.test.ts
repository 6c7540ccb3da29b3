import { beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../schema/records/index.js';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';

const db = await testDatabase();
const records = new Records(db.owner);
let changeId: bigint;

beforeAll(async () => {
  changeId = await records.changeId();
});

/** Somebody whose case the organization has, and reports on. */
async function reported() {
  const addresseeNo = await records.addressee();
  const levyId = await records.levy(addresseeNo, { dueOn: '2020-06-30' });
  const of = { addresseeNo, ...(await records.case(addresseeNo)) };
  const transferId = await records.transfer(of, [levyId], 'active');
  return { ...of, levyId, transferId, resultId: await records.result(transferId, 'continued') };
}

type Reported = Awaited<ReturnType<typeof reported>>;

const disposition = ({ caseId, addresseeNo }: Reported, change: object) =>
  records.row(tables.dispositions, {
    caseId,
    addresseeNo,
    kind: 'seizure',
    assetClass: 'deposit',
    object: '普通預金',
    executedOn: '2022-01-17',
    ...change,
  });

const ofOrganization = (of: Reported, organizationNo = 'K-1', resultId = of.resultId) =>
  disposition(of, { resultId, organizationNo });

const refusedBy = (constraint: string) => ({ facts: { constraint } });

describe('a disposition of the organization', () => {
  test('is entered while the case is locked, as none of the municipality is', async () => {
    const of = await reported();
    await expect(ofOrganization(of)).resolves.toBeDefined();
    await expect(disposition(of, {})).rejects.toMatchObject(refusedBy('collection_locked'));
  });

  test('has its number and its result, or neither; the number stands for one in the case', async () => {
    const of = await reported();
    for (const change of [{ resultId: of.resultId }, { organizationNo: 'K-1' }])
      await expect(disposition(of, change)).rejects.toMatchObject(refusedBy('disposition_of_organization'));
    await ofOrganization(of);
    await expect(ofOrganization(of)).rejects.toMatchObject(refusedBy('disposition_organization_no'));
    await expect(ofOrganization(of, 'K-2')).resolves.toBeDefined();
  });

  test('is of a case on which its result reports, and so are contacts and renewals', async () => {
    const [of, other] = [await reported(), await reported()];
    const { resultId } = other;
    await expect(ofOrganization(of, 'K-1', resultId)).rejects.toMatchObject(refusedBy('organization_act'));
    const contact = {
      caseId: of.caseId,
      addresseeNo: of.addresseeNo,
      contactedAt: '2026-05-21T11:00:00+09:00',
      method: 'phone',
      counterpart: '本人',
      summary: '不在',
      recordedBy: 'organization:990001',
    } as const;
    await expect(records.row(tables.contactRecords, { ...contact, resultId })).rejects.toMatchObject(
      refusedBy('organization_act'),
    );
    await expect(
      records.row(tables.contactRecords, { ...contact, resultId: of.resultId }),
    ).resolves.toBeDefined();
    const [line] = await db.owner.run(
      'test.line',
      ({ raw }) => raw<[{ id: bigint }]>`
      select id from records.transfer_line where transfer_id = ${String(of.transferId)}`,
    );
    const renewal = { lineId: line.id, kind: 'acknowledgement', renewedOn: '2026-05-21' } as const;
    await expect(records.row(tables.transferRenewals, { ...renewal, resultId })).rejects.toMatchObject(
      refusedBy('organization_act'),
    );
    await records.row(tables.transferRenewals, { ...renewal, resultId: of.resultId });
    await expect(
      records.row(tables.transferRenewals, { ...renewal, resultId: of.resultId }),
    ).rejects.toMatchObject(refusedBy('transfer_renewal_once'));
  });

  test('alone is ended by the organization, never one of the municipality', async () => {
    const of = await reported();
    const own = await ofOrganization(of);
    await records.enter(of.transferId, 2, 'closed');
    const ours = await disposition(of, {});
    const end = { kind: 'released', endedOn: '2026-06-30', changeId } as const;
    await expect(
      records.bare(tables.dispositionEnds, { dispositionId: ours, resultId: of.resultId, ...end }),
    ).rejects.toMatchObject(refusedBy('organization_act'));
    await records.bare(tables.dispositionEnds, { dispositionId: own, resultId: of.resultId, ...end });
    await records.bare(tables.dispositionEnds, { dispositionId: ours, ...end });
  });

  test('is written by jobs: a gateway cannot pass a contact off as the organization’s', async () => {
    const of = await reported();
    const forged = db.gateway.run(
      'test.forge',
      ({ raw }) => raw`
      insert into records.contact_record (case_id, addressee_no, contacted_at, method, counterpart, summary,
        recorded_by, result_id, change_id)
      values (${String(of.caseId)}, ${of.addresseeNo}, now(), 'phone', '本人', '不在', 'S0001',
        ${String(of.resultId)}, ${String(changeId)})`,
    );
    await expect(forged).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });
});

describe('a write-off by limitation', () => {
  /** Proposed as if nobody had looked; the database looks again. */
  async function decide(of: Reported, outcome: 'approved' | 'rejected' = 'approved'): Promise<void> {
    const claim = {
      levyId: of.levyId,
      component: 'tax',
      amount: 10_000n,
      extinguishedOn: '2025-07-01',
    } as const;
    const { addresseeNo } = of;
    const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'limitation' }, [claim]);
    const decision = {
      proposalId,
      outcome,
      decidedBy: 'seed-chief',
      decidedOn: '2026-10-28',
      reason: '決定',
    };
    await records.bare(tables.writeOffDecisions, { ...decision, changeId });
  }

  test('is refused while a seizure lasts, whoever made it', async () => {
    const of = await reported();
    const dispositionId = await ofOrganization(of);
    await records.bare(tables.dispositionClaims, { dispositionId, levyId: of.levyId, amount: 10_000n });
    await records.result(of.transferId, 'returned');
    await expect(decide(of)).rejects.toMatchObject(refusedBy('write_off_held'));
    await decide(of, 'rejected');
    const end = { dispositionId, kind: 'cancelled', endedOn: '2023-01-10', changeId, resultId: of.resultId };
    await records.bare(tables.dispositionEnds, end);
    await expect(decide(of)).resolves.toBeUndefined();
  });

  test('is refused while not all is known that the organization did', async () => {
    const of = await reported();
    await records.enter(of.transferId, 2, 'closed');
    await expect(decide(of)).rejects.toMatchObject(refusedBy('write_off_held'));
    await records.result(of.transferId, 'suspensionFit', { isFinal: true });
    await expect(decide(of)).resolves.toBeUndefined();
  });

  test('is refused until the round has its final result, be the case in it or not, with word of acts', async () => {
    const of = await reported();
    await records.enter(of.transferId, 2, 'closed');
    const [transfer] = await db.owner.run(
      'test.round',
      ({ raw }) => raw<[{ round_id: bigint }]>`
      select round_id from records.transfer_case where id = ${String(of.transferId)}`,
    );
    const resultId = await records.row(tables.transferResults, {
      resultId: crypto.randomUUID(),
      roundId: transfer.round_id,
      seriesNo: 99,
      isFinal: true,
      receivedOn: '2026-08-10',
      collected: 0n,
    });
    await expect(decide(of)).rejects.toMatchObject(refusedBy('write_off_held'));
    await decide(of, 'rejected');
    await records.bare(tables.transferActs, { resultId, dispositions: 0, renewals: 0, changeId });
    await expect(decide(of)).resolves.toBeUndefined();
  });
});
