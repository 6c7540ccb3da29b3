import { beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../schema/records/index.js';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';
import { allocate, levyLines, prepareLedger, receipt } from './entries.js';
import { foundedBefore } from './founded.js';

const db = await testDatabase();
const founded = await foundedBefore('_transfer.sql', 'transfer:');
const landed = founded.database;

describe('a ledger with money in it, when transfers are installed,', () => {
  beforeAll(async () => {
    const change = await prepareLedger(landed);
    const [levyId] = (await levyLines(landed, change, [1_000n])) as [bigint];
    await landed.transaction('test.paid', async (tx) => {
      await allocate(tx, change, [{ levyId, amount: 400n, receiptId: await receipt(tx, change, 400n) }]);
    });
    await founded.upgrade();
  });

  test('is sound, locked nowhere, and goes on', async () => {
    expect(await verifyLedger(landed)).toMatchObject({ sound: true });
    const [row] = await landed.run(
      'test.standing',
      ({ raw }) => raw<[{ transfers: number; deltas: number }]>`
      select (select count(*)::int from records.transfer_standing) as transfers,
        (select count(*)::int from records.transfer_delta) as deltas`,
    );
    expect(row).toEqual({ transfers: 0, deltas: 0 });
    const change = await prepareLedger(landed);
    const [levyId] = (await levyLines(landed, change, [1_000n])) as [bigint];
    await landed.transaction('test.paid', async (tx) => {
      await allocate(tx, change, [{ levyId, amount: 400n, receiptId: await receipt(tx, change, 400n) }]);
    });
    expect(await verifyLedger(landed)).toMatchObject({ sound: true });
  });

  test('has the functions of transfers in its roles', () => founded.expectInRoles());
});

describe('while a case is with the organization', () => {
  const records = new Records(db.owner);
  let levyId: bigint;
  let addresseeNo: string;
  let transferId: bigint;

  /** A transferred line whose case went on to a state. */
  async function transferred(state: (typeof tables.TRANSFER_STATES)[number]): Promise<void> {
    addresseeNo = await records.addressee();
    levyId = await records.levy(addresseeNo);
    const { caseId } = await records.case(addresseeNo);
    transferId = await records.transfer({ caseId, addresseeNo }, [levyId], state);
  }

  const remind = () => records.row(tables.reminders, { levyId, sentOn: '2026-07-20' });
  async function setOff(): Promise<bigint> {
    const other = await records.levy(addresseeNo);
    const { overpaymentId } = await records.receipt({ levyId: other, overpaid: 500n, addresseeNo });
    return records.offset(overpaymentId!, levyId, 500n);
  }
  async function promise(): Promise<bigint> {
    const { caseId } = await records.case(addresseeNo);
    return records.promise({ caseId, addresseeNo }, [levyId], [{ dueOn: '2026-12-25', amount: 10_000n }]);
  }
  const proposeWriteOff = () =>
    records.writeOffProposal({ addresseeNo, cause: 'immediate' }, [
      { levyId, component: 'tax', amount: 10_000n },
    ]);
  const locked = { facts: { constraint: 'collection_locked' } };

  test.each(['active', 'resultReceived', 'reconciled'] as const)(
    'no reminder, promise, offset or write-off of its lines while it is %s',
    async (state) => {
      await transferred(state);
      await expect(remind()).rejects.toMatchObject(locked);
      await expect(promise()).rejects.toMatchObject(locked);
      await expect(setOff()).rejects.toMatchObject(locked);
      await expect(proposeWriteOff()).rejects.toMatchObject(locked);
    },
  );

  test.each(['delivered', 'rejected', 'closed', 'aborted'] as const)('but while it is %s', async (state) => {
    await transferred(state);
    await expect(remind()).resolves.toBeDefined();
    await expect(promise()).resolves.toBeDefined();
    await expect(setOff()).resolves.toBeDefined();
    await expect(proposeWriteOff()).resolves.toBeDefined();
  });

  test('every change of its lines is noted with its sign, also an offset, a reduction and a write-off', async () => {
    await transferred('delivered');
    await records.receipt({ levyId, applied: 1_000n });
    await setOff();
    const decision = { levyId, reason: '更正', decidedOn: '2026-09-01', notifiedOn: '2026-09-01' };
    await records.row(tables.levyAdjustments, { ...decision, taxDelta: -2_000n });
    await records.row(tables.levyAdjustments, { ...decision, taxDelta: 300n });
    const writeOff = { levyId, component: 'tax' as const, cause: 'immediate' as const };
    await records.row(tables.writeOffs, { ...writeOff, amount: 100n, writtenOffOn: '2026-09-02' });
    const rows = await db.owner.run(
      'test.deltas',
      ({ raw }) => raw<{ kind: string; amount: bigint }[]>`
      select d.kind, d.amount from records.transfer_delta d join records.transfer_line l on l.id = d.line_id
      where l.transfer_id = ${String(transferId)}::bigint order by d.kind, d.amount`,
    );
    expect(rows.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['adjustment', -300n],
      ['adjustment', 2_000n],
      ['offset', 500n],
      ['payment', 1_000n],
      ['writeOff', 100n],
    ]);
  });

  test('what the organization itself paid over is not told back to it', async () => {
    await transferred('active');
    await records.receipt({ levyId, applied: 1_000n }, { source: 'organization' });
    const rows = await db.owner.run(
      'test.deltas',
      ({ raw }) => raw`
      select from records.transfer_delta d join records.transfer_line l on l.id = d.line_id
      where l.transfer_id = ${String(transferId)}::bigint`,
    );
    expect(rows).toHaveLength(0);
  });

  test('its rows are not erased, and nobody else erases them', async () => {
    const erase = (database: typeof db.owner) =>
      database.run(
        'test.erase',
        ({ raw }) => raw`
        select records.erase_transfer_rows(round_id) from records.transfer_case
        where id = ${String(transferId)}::bigint`,
      );
    await expect(erase(db.loader)).rejects.toMatchObject({ facts: { constraint: 'transfer_round_ended' } });
    await expect(erase(db.gateway)).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });
});
