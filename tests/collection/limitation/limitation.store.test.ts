import { beforeAll, describe, expect, it, test } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { readLimitations } from '../../../src/collection/limitation/limitation.store.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';

let db: TestDatabase;
let records: Records;

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
});

async function debtor() {
  const addresseeNo = await records.addressee();
  return { addresseeNo, ...(await records.case(addresseeNo)) };
}

/** A disposition of 2022-01-17 for one line. */
async function disposition(
  of: {
    readonly addresseeNo: string;
    readonly caseId: bigint;
    readonly kind: (typeof tables.DISPOSITION_KINDS)[number];
    readonly servedOnDebtor: string | null;
  },
  levyId: bigint,
): Promise<bigint> {
  const object = { assetClass: 'deposit', object: '普通預金', executedOn: '2022-01-17' } as const;
  const dispositionId = await records.row(tables.dispositions, { ...of, ...object });
  await records.bare(tables.dispositionClaims, { dispositionId, levyId, amount: 10_000n });
  return dispositionId;
}

/** A line due 2021-06-30 and reminded 2021-07-20: without another event its last day is 2026-07-30. */
async function line(addresseeNo: string, taxItem = '001'): Promise<bigint> {
  const levyId = await records.levy(addresseeNo, { dueOn: '2021-06-30', taxItem });
  await records.row(tables.reminders, { levyId, sentOn: '2021-07-20' });
  return levyId;
}

async function lastDays(...levyIds: readonly bigint[]) {
  const limitations = await readLimitations(db.gateway, levyIds);
  return levyIds.map((levyId) => limitations.get(levyId)?.completesOn);
}

describe('a disposition from 2022-01-17 to 2023-06-30', () => {
  test.each<[(typeof tables.DISPOSITION_KINDS)[number], string | null, 'cancelled' | 'released', string]>([
    ['seizure', null, 'released', '2028-06-30'],
    ['seizure', null, 'cancelled', '2026-07-30'],
    ['claimForDistribution', '2022-01-19', 'cancelled', '2028-06-30'],
    ['participatingSeizure', '2022-01-19', 'cancelled', '2028-06-30'],
    ['claimForDistribution', null, 'released', '2026-07-30'],
    ['participatingSeizure', null, 'released', '2026-07-30'],
    ['claimForDistribution', '2023-06-30', 'released', '2028-06-30'],
    ['claimForDistribution', '2023-07-01', 'released', '2026-07-30'],
  ])(
    'that is a %s, of which the debtor had notice on %s, and was %s leaves the last day at %s',
    async (kind, servedOnDebtor, end, lastDay) => {
      const { addresseeNo, caseId } = await debtor();
      const levyId = await line(addresseeNo);
      const dispositionId = await disposition({ addresseeNo, caseId, kind, servedOnDebtor }, levyId);
      const changeId = await records.changeId();
      await records.bare(tables.dispositionEnds, {
        dispositionId,
        kind: end,
        endedOn: '2023-06-30',
        changeId,
      });
      expect(await lastDays(levyId)).toEqual([lastDay]);
    },
  );

  it('that lasts holds the period only from the notice to the debtor on', async () => {
    const { addresseeNo, caseId } = await debtor();
    const levyIds = [];
    for (const servedOnDebtor of [null, '2026-07-30', '2026-07-31']) {
      const levyId = await line(addresseeNo);
      await disposition({ addresseeNo, caseId, kind: 'claimForDistribution', servedOnDebtor }, levyId);
      levyIds.push(levyId);
    }
    const limitations = await readLimitations(db.gateway, levyIds);
    expect(levyIds.map((levyId) => limitations.get(levyId)?.isHeld)).toEqual([false, true, false]);
  });
});

describe('while the collection organization had the case', () => {
  /** As case 4 of handbook 03 §7, but the organization's. */
  test.each([
    ['released', '2028-06-30'],
    ['cancelled', '2026-07-30'],
    [null, 'held'],
  ] as const)('its seizure from 2022-01-17, %s, leaves the last day at %s', async (end, lastDay) => {
    const of = await debtor();
    const levyId = await line(of.addresseeNo);
    const resultId = await records.result(await records.transfer(of, [levyId], 'active'), 'continued');
    const dispositionId = await records.row(tables.dispositions, {
      ...of,
      kind: 'seizure',
      assetClass: 'deposit',
      object: '普通預金',
      executedOn: '2022-01-17',
      resultId,
      organizationNo: 'K-1',
    });
    await records.bare(tables.dispositionClaims, { dispositionId, levyId, amount: 10_000n });
    const told = { dispositionId, kind: end, endedOn: '2023-06-30', resultId };
    if (end !== null)
      await records.bare(tables.dispositionEnds, { ...told, changeId: await records.changeId() });
    const limitation = (await readLimitations(db.gateway, [levyId])).get(levyId);
    expect(limitation?.isHeld ? 'held' : limitation?.completesOn).toBe(lastDay);
  });

  /** Cases 3 and 5: the line and no other of the transfer. */
  test.each([
    ['acknowledgement', '2022-11-04', '2027-11-04'],
    ['acknowledgement', '2024-02-28', '2029-02-28'],
    ['seizure', '2023-06-30', '2028-06-30'],
    ['acknowledgement', '2026-07-31', '2026-07-30'],
  ] as const)(
    'its word of a renewal by %s on %s leaves the last day at %s',
    async (kind, renewedOn, lastDay) => {
      const of = await debtor();
      const [renewed, other] = [await line(of.addresseeNo), await line(of.addresseeNo)];
      const transferId = await records.transfer(of, [renewed, other], 'active');
      const resultId = await records.result(transferId, 'continued');
      const [of1] = await db.owner.run(
        'test.line',
        ({ raw }) =>
          raw<[{ id: bigint }]>`select id from records.transfer_line where levy_id = ${String(renewed)}`,
      );
      await records.row(tables.transferRenewals, { resultId, lineId: of1.id, kind, renewedOn });
      expect(await lastDays(renewed, other)).toEqual([lastDay, '2026-07-30']);
    },
  );
});

describe('the final notice of a round', () => {
  const POSTPONED = '2026-11-20';

  async function notice(of: Awaited<ReturnType<typeof debtor>>): Promise<void> {
    const transferId = await records.transfer(of, [], 'noticed');
    const sent = { issuedOn: '2026-05-20', payBy: '2026-06-03', unpaid: 10_000n };
    await records.bare(tables.transferNotices, { transferId, ...sent, changeId: await records.changeId() });
  }

  it('postpones the lines that it demands, and no other of the person', async () => {
    const of = await debtor();
    const demanded = await line(of.addresseeNo);
    const otherTax = await line(of.addresseeNo, '010');
    const unreminded = await records.levy(of.addresseeNo, { dueOn: '2021-06-30' });
    await notice(of);
    expect(await lastDays(demanded, otherTax, unreminded)).toEqual([POSTPONED, '2026-07-30', '2026-06-30']);
  });

  it('postpones a stayed line only where the stay had ended by that day', async () => {
    const of = await debtor();
    const stays = [];
    for (const cancelledOn of [undefined, '2026-05-21', '2026-05-20']) {
      const levyId = await line(of.addresseeNo);
      const decided = { levyId, addresseeNo: of.addresseeNo, ground: 'noProperty', decidedOn: '2025-04-01' };
      const stayId = await records.row(tables.executionStays, decided as object);
      const cancelled = { stayId, cancelledOn, reason: '資力回復', changeId: await records.changeId() };
      if (cancelledOn !== undefined) await records.bare(tables.stayCancellations, cancelled);
      stays.push(levyId);
    }
    await notice(of);
    expect(await lastDays(...stays)).toEqual(['2026-07-30', '2026-07-30', POSTPONED]);
  });
});
