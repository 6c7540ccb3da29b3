import { beforeEach, describe, expect, test } from 'vitest';
import { verifyLedger, type LedgerVerification } from '../../../src/collection/ledger/ledger.verify.js';
import type { Session } from '../../../src/kernel/database/database.js';
import { LEDGER_DIFFERENCES_LISTED_MAX } from '../../../src/kernel/limits.js';
import {
  allocate,
  decide,
  levyLines,
  offset,
  overpayment,
  prepareLedger,
  receipt,
  refund,
  unidentified,
  withoutTriggers,
} from '../../schema/entries.js';
import { testDatabase } from '../../support/database.js';

const db = await testDatabase();
let change: bigint;
let line: bigint;
let paid: bigint;
let spare: bigint;

beforeEach(async () => {
  await db.owner.transaction('test.ledger', async (tx) => {
    change = await prepareLedger(tx);
    const [first, second] = (await levyLines(tx, change, [10_000n, 5_000n])) as [bigint, bigint];
    line = first;
    paid = await receipt(tx, change, 12_000n);
    await allocate(tx, change, [{ levyId: line, amount: 9_000n, receiptId: paid }]);
    await unidentified(tx, change, paid, 1_000n);
    spare = await overpayment(tx, change, paid, 2_000n);
    const offsetId = await offset(tx, change, spare, second, 500n);
    await allocate(tx, change, [{ levyId: second, amount: 500n, offsetId }]);
    await refund(tx, change, spare, 1_000n);
    await decide(tx, change, await refund(tx, change, spare, 500n), 'rejected');
  });
});

/** What is found once a superuser has gone behind the triggers; then the corruption is undone. */
async function found(table: string, corrupt: (tx: Session) => Promise<unknown>): Promise<LedgerVerification> {
  const undone = new Error('undone');
  let result: LedgerVerification | undefined;
  await db.owner
    .transaction('test.corruption', async (tx) => {
      await withoutTriggers(tx, table, () => corrupt(tx));
      result = await verifyLedger(tx);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return result!;
}

const nothing = { count: 0n, listed: [] };

/** A proposal to write 1,000 yen of the line off, approved by another person. */
async function approvedWriteOff(tx: Session): Promise<bigint> {
  const [row] = await tx.run(
    'test.proposal',
    ({ raw }) => raw<[{ id: bigint }]>`
    with proposed as (
      insert into records.write_off_proposal (addressee_no, cause, amount, proposed_by, proposed_on, reason, change_id)
      values ('A1', 'limitation', 1000, 'S0001', '2026-09-02', '時効', ${String(change)}) returning id
    )
    insert into records.write_off_claim (proposal_id, levy_id, component, amount, extinguished_on)
    select id, ${String(line)}::bigint, 'tax', 1000, '2026-09-01' from proposed returning proposal_id as id`,
  );
  await tx.run(
    'test.decision',
    ({ raw }) => raw`
    insert into records.write_off_decision (proposal_id, outcome, decided_by, decided_on, reason, change_id)
    values (${String(row.id)}, 'approved', 'S0002', '2026-09-30', '決定', ${String(change)})`,
  );
  return row.id;
}

describe('write-offs', () => {
  test('that were approved are booked, and are found when they were not', async () => {
    await db.owner.transaction('test.approved', (tx) => approvedWriteOff(tx));
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true, writeOffs: nothing });
    line = ((await levyLines(db.owner, change, [1_000n])) as [bigint])[0];
    let id: bigint | undefined;
    const unbooked = await found('write_off_decision', async (tx) => (id = await approvedWriteOff(tx)));
    expect(unbooked).toMatchObject({ sound: false, writeOffs: { count: 1n, listed: [id] } });
  });
});

describe('a sound ledger', () => {
  test('has no differences, as the gateway sees it; its totals add up', async () => {
    const outcome = await verifyLedger(db.gateway);
    expect(outcome).toMatchObject({
      sound: true,
      balances: nothing,
      receipts: nothing,
      offsets: nothing,
      overpayments: nothing,
    });
    const {
      received,
      allocated,
      overpaid,
      unidentified: unknown,
      offset: moved,
      offsetAllocated,
      refunded,
    } = outcome.totals;
    expect(received).toBe(allocated + overpaid + unknown);
    expect(moved).toBe(offsetAllocated);
    expect(refunded).toBe(2n * moved);
    const [row] = await db.owner.run(
      'test.count',
      ({ raw }) => raw<[{ n: bigint }]>`select count(*) as n from records.allocation`,
    );
    expect(outcome.entries.get('allocation')).toBe(row.n);
    expect(outcome.entries.size).toBe(10);
  });

  test('an empty one is sound', async () => {
    const empty = await found('levy_line', (tx) =>
      tx.run('test.empty', ({ raw }) =>
        raw.unsafe(`
      set local session_replication_role = replica;
      do $$ declare t text; begin
        foreach t in array array['allocation', 'unidentified_entry', 'refund_decision', 'refund',
          'offset_entry', 'overpayment',
          'overpayment_balance', 'receipt', 'levy_balance', 'levy_line'] loop
          execute format('alter table records.%I disable trigger all; delete from records.%I', t, t);
        end loop; end $$`),
      ),
    );
    expect(empty).toMatchObject({ sound: true, totals: { received: 0n, refunded: 0n } });
  });
});

describe('corruption behind the triggers is found and named', () => {
  test.each([
    ['levied', '1'],
    ['received', '1'],
    ['offset_in', '1'],
    ['written_off', '1'],
    ['tax_outstanding', '1'],
    ['reminder_fee_outstanding', '1'],
    ['late_charge_outstanding', '1'],
    ['penalty_outstanding', '1'],
    ['disposition_cost_outstanding', '1'],
    ['entries', '7'],
    ['last_paid_on', "'2020-01-01'"],
    ['last_paid_on', 'null'],
    ['addressee_no', "'A999'"],
  ])('a balance whose %s became %s', async (column, value) => {
    const outcome = await found('levy_balance', (tx) =>
      tx.run('test.corrupt', ({ raw }) =>
        raw.unsafe(`update records.levy_balance set ${column} = ${value} where levy_id = ${line}`),
      ),
    );
    expect(outcome.sound).toBe(false);
    expect(outcome.balances).toEqual({ count: 1n, listed: [{ levyId: line, columns: [column] }] });
  });

  test('a balance that is missing, and one without a line', async () => {
    const missing = await found('levy_balance', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      delete from records.levy_balance where levy_id = ${String(line)}`,
      ),
    );
    expect(missing.balances.listed).toEqual([{ levyId: line, columns: ['missing'] }]);
    const surplus = await found('levy_balance', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      insert into records.levy_balance (levy_id, addressee_no, levied, tax_outstanding) values (-1, 'A1', 0, 0)`,
      ),
    );
    expect(surplus.balances.listed).toEqual([{ levyId: -1n, columns: ['surplus'] }]);
  });

  test('an allocation that vanished: its balance and its receipt', async () => {
    const outcome = await found('allocation', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      delete from records.allocation where receipt_id = ${String(paid)}`,
      ),
    );
    expect(outcome.balances.listed).toEqual([
      { levyId: line, columns: ['received', 'tax_outstanding', 'last_paid_on', 'entries'] },
    ]);
    expect(outcome.receipts).toEqual({ count: 1n, listed: [paid] });
  });

  test('an allocation that was moved to another component', async () => {
    const outcome = await found('allocation', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      update records.allocation set component = 'penalty' where receipt_id = ${String(paid)}`,
      ),
    );
    expect(outcome.balances.listed).toEqual([
      { levyId: line, columns: ['tax_outstanding', 'penalty_outstanding'] },
    ]);
    expect(outcome.receipts).toEqual(nothing);
  });

  test('a receipt that vanished, or that explains less than nothing as unidentified', async () => {
    const gone = await found('receipt', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      delete from records.receipt where id = ${String(paid)}`,
      ),
    );
    expect(gone.receipts.listed).toEqual([paid]);
    const negative = await found('unidentified_entry', (tx) =>
      tx.run('test.corrupt', async ({ raw }) => {
        await raw`update records.unidentified_entry set amount = -1 where receipt_id = ${String(paid)}`;
        await raw`alter table records.overpayment disable trigger all`;
        await raw`update records.overpayment set amount = amount + 1001 where id = ${String(spare)}`;
      }),
    );
    expect(negative.receipts.listed).toEqual([paid]);
  });

  test('an offset that lost its allocation, and one that vanished', async () => {
    const lost = await found('allocation', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      delete from records.allocation where offset_id in (select id from records.offset_entry
        where overpayment_id = ${String(spare)})`,
      ),
    );
    expect(lost.offsets.count).toBe(1n);
    const gone = await found('offset_entry', (tx) =>
      tx.run(
        'test.corrupt',
        ({ raw }) => raw`
      delete from records.offset_entry where overpayment_id = ${String(spare)}`,
      ),
    );
    expect(gone.offsets.count).toBe(1n);
  });

  test('an overpayment given back twice', async () => {
    const outcome = await found('refund', (tx) => refund(tx, change, spare, 501n));
    expect(outcome.overpayments).toEqual({ count: 1n, listed: [spare] });
  });

  test.each([
    ['root_receipt_id', '0'],
    ['offset_out', 'offset_out + 1'],
    ['refund_proposed', '0'],
    ['refund_approved', '1'],
    ['refund_paid', '1'],
    ['remaining', 'remaining + 1'],
  ])('a kept balance of an overpayment whose %s became %s', async (column, value) => {
    const outcome = await found('overpayment_balance', (tx) =>
      tx.run('test.corrupt', ({ raw }) =>
        raw.unsafe(
          `update records.overpayment_balance set ${column} = ${value} where overpayment_id = ${spare}`,
        ),
      ),
    );
    expect(outcome.sound).toBe(false);
    expect(outcome.overpayments).toEqual({ count: 1n, listed: [spare] });
  });

  test('a kept balance that is missing, one without an overpayment, and one that was passed by', async () => {
    const missing = await found('overpayment_balance', (tx) =>
      tx.run('test.corrupt', ({ raw }) =>
        raw.unsafe(`delete from records.overpayment_balance where overpayment_id = ${spare}`),
      ),
    );
    expect(missing.overpayments).toEqual({ count: 1n, listed: [spare] });
    const surplus = await found('overpayment_balance', (tx) =>
      tx.run('test.corrupt', ({ raw }) =>
        raw.unsafe('insert into records.overpayment_balance values (-1, 1, 0, 0, 0, 0, 0)'),
      ),
    );
    expect(surplus.overpayments).toEqual({ count: 1n, listed: [-1n] });
    const passed = await found('refund', (tx) => refund(tx, change, spare, 500n));
    expect(passed.overpayments).toEqual({ count: 1n, listed: [spare] });
    const carried = await found('write_off', (tx) => refund(tx, change, spare, 500n));
    expect(carried.sound).toBe(true);
  });

  test('more differences than are listed are still counted', async () => {
    const outcome = await found('levy_line', (tx) =>
      levyLines(
        tx,
        change,
        Array.from({ length: LEDGER_DIFFERENCES_LISTED_MAX + 5 }, () => 1n),
      ),
    );
    expect(outcome.balances.count).toBe(BigInt(LEDGER_DIFFERENCES_LISTED_MAX + 5));
    expect(outcome.balances.listed).toHaveLength(LEDGER_DIFFERENCES_LISTED_MAX);
  });
});
