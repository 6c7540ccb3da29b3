import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  assignUnidentified,
  enterManualReceipt,
  reverseReceipt,
  type ManualReceiptInput,
} from '../../../src/collection/receipt/receipt.store.js';
import type { Session } from '../../../src/kernel/database/database.js';
import { seedLevies, seedMunicipality } from '../../exchange/load/support.js';
import { testDatabase } from '../../support/database.js';

const db = await testDatabase();
let seeded = 0n;
let notice = 0;

beforeAll(async () => {
  seeded = await seedMunicipality(db);
});

async function levy(taxAmount: bigint, dueOn = '2026-06-30', taxItem = '001'): Promise<bigint> {
  const [id = 0n] = await seedLevies(db, seeded, [
    { noticeNo: String(++notice).padStart(10, '0'), instalmentNo: 1, taxAmount, dueOn, taxItem },
  ]);
  return id;
}

/** As a mutation does it: one transaction of the gateway with a change of its own. */
function change<T>(work: (tx: Session, changeId: bigint) => Promise<T>): Promise<T> {
  return db.gateway.transaction('test.change', async (tx) => {
    const [row] = await tx.run(
      'test.change',
      ({ raw }) => raw<{ id: bigint }[]>`
      insert into records.change (actor_id, purpose, request_id, action)
      values ('S0001', 'COLLECTION', ${randomUUID()}::uuid, 'test') returning id`,
    );
    return work(tx, row?.id ?? 0n);
  });
}

function slip(
  levyId: bigint | null,
  taxAmount: bigint,
  rest: Partial<ManualReceiptInput> = {},
): ManualReceiptInput {
  return {
    source: 'counter',
    levyId,
    taxItem: '001',
    taxAmount,
    lateChargeAmount: 0n,
    paidOn: '2026-06-30',
    receivedOn: '2026-07-01',
    bookedOn: '2026-07-01',
    collectingBank: null,
    ...rest,
  };
}

const enter = (input: ManualReceiptInput) =>
  change((tx, id) => enterManualReceipt(tx, input, id, '2026-07-04'));
const reverse = (receiptId: bigint) => change((tx, id) => reverseReceipt(tx, receiptId, id));
const assign = (receiptId: bigint, levyId: bigint) =>
  change((tx, id) => assignUnidentified(tx, receiptId, levyId, id));

async function balance(levyId: bigint) {
  const [row] = await db.owner.run(
    'test.balance',
    ({ raw }) => raw`
    select received, tax_outstanding as tax, late_charge_outstanding as late, settled from records.levy_balance
    where levy_id = ${String(levyId)}::bigint`,
  );
  return row;
}

async function overpaid(): Promise<bigint> {
  const [row] = await db.owner.run(
    'test.overpaid',
    ({ raw }) =>
      raw<{ yen: bigint }[]>`select coalesce(sum(amount), 0)::bigint as yen from records.overpayment`,
  );
  return row?.yen ?? 0n;
}

describe('entering a receipt', () => {
  test('settles a line that is paid exactly in time', async () => {
    const id = await levy(10_000n);
    expect(await enter(slip(id, 10_000n))).toMatchObject({
      resultClass: 'settled',
      overpaid: 0n,
      lateChargeFixed: 0n,
    });
    expect(await balance(id)).toMatchObject({ received: 10_000n, tax: 0n, settled: true });
  });

  test('leaves the rest of a line that is paid in part', async () => {
    const id = await levy(10_000n);
    expect(await enter(slip(id, 4_000n))).toMatchObject({ resultClass: 'partial' });
    expect(await balance(id)).toMatchObject({ tax: 6_000n, settled: false });
  });

  test('fixes and levies the late charge when a late payment completes the tax', async () => {
    const id = await levy(98_700n, '2024-12-25');
    const result = await enter(slip(id, 98_700n, { paidOn: '2025-03-10', receivedOn: '2025-03-12' }));
    expect(result).toMatchObject({ resultClass: 'partial', lateChargeFixed: 1_200n });
    expect(await balance(id)).toMatchObject({ tax: 0n, late: 1_200n, settled: false });
    expect(await enter(slip(id, 0n, { lateChargeAmount: 1_200n }))).toMatchObject({
      resultClass: 'settled',
      lateChargeFixed: 0n,
    });
  });

  test('sets what is too much, and a second payment, apart as overpayments', async () => {
    const id = await levy(10_000n);
    const before = await overpaid();
    expect(await enter(slip(id, 10_500n))).toMatchObject({ resultClass: 'over', overpaid: 500n });
    expect(await enter(slip(id, 10_000n))).toMatchObject({
      resultClass: 'doublePayment',
      overpaid: 10_000n,
      applied: [],
    });
    expect((await overpaid()) - before).toBe(10_500n);
  });

  test('without a line is unidentified money', async () => {
    expect(await enter(slip(null, 700n))).toMatchObject({ resultClass: 'unidentified', unidentified: 700n });
  });

  test('is refused for no money, for money from the future and for a line that is not there', async () => {
    const id = await levy(10_000n);
    await expect(enter(slip(id, 0n))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(enter(slip(id, -1n))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(enter(slip(id, 1n, { receivedOn: '2026-06-29' }))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await expect(enter(slip(999_999n, 1n))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of two clerks at once for one line settles it once; the other is a double payment', async () => {
    const id = await levy(10_000n);
    const results = await Promise.all(Array.from({ length: 6 }, () => enter(slip(id, 10_000n))));
    expect(results.map(({ resultClass }) => resultClass).toSorted()).toEqual([
      ...Array<string>(5).fill('doublePayment'),
      'settled',
    ]);
    expect(await balance(id)).toMatchObject({ received: 10_000n, tax: 0n });
  });
});

describe('reversing a receipt', () => {
  test('opens the line again and withdraws the late charge it had fixed', async () => {
    const id = await levy(98_700n, '2024-12-25');
    const { receiptId } = await enter(slip(id, 98_700n, { paidOn: '2025-03-10', receivedOn: '2025-03-12' }));
    await reverse(receiptId);
    expect(await balance(id)).toMatchObject({ received: 0n, tax: 98_700n, late: 0n, settled: false });
  });

  test('takes overpayment and unidentified money back too', async () => {
    const id = await levy(10_000n);
    const before = await overpaid();
    const over = await enter(slip(id, 10_500n));
    const lost = await enter(slip(null, 700n));
    await reverse(over.receiptId);
    await reverse(lost.receiptId);
    expect(await overpaid()).toBe(before);
    await expect(assign(lost.receiptId, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is done once, by one of many who try', async () => {
    const { receiptId } = await enter(slip(await levy(10_000n), 10_000n));
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => reverse(receiptId)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
  });

  test('is refused for a reversal and for what is not there', async () => {
    const { receiptId } = await enter(slip(await levy(10_000n), 10_000n));
    const { reversalId } = await reverse(receiptId);
    await expect(reverse(reversalId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(reverse(888_888n)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is refused when its overpayment is being refunded', async () => {
    const { receiptId } = await enter(slip(await levy(10_000n), 11_000n));
    await db.owner.run(
      'test.refund',
      ({ raw }) => raw`
      insert into records.refund (overpayment_id, addressee_no, amount, proposed_by, proposed_on, reason, change_id)
      select id, addressee_no, amount, 'S0002', '2026-07-02', '過納', change_id from records.overpayment
      where receipt_id = ${String(receiptId)}::bigint`,
    );
    await expect(reverse(receiptId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('assigning unidentified money', () => {
  test('applies it to the line that was named, as of its own day', async () => {
    const id = await levy(10_000n);
    const { receiptId } = await enter(slip(null, 10_200n));
    expect(await assign(receiptId, id)).toMatchObject({
      resultClass: 'over',
      overpaid: 200n,
      unidentified: 0n,
    });
    expect(await balance(id)).toMatchObject({ received: 10_000n, settled: true });
  });

  test('is done once, by one of many who try', async () => {
    const id = await levy(50_000n);
    const { receiptId } = await enter(slip(null, 10_000n));
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => assign(receiptId, id)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await balance(id)).toMatchObject({ received: 10_000n });
  });

  test('never pays a premium with a slip for a tax', async () => {
    const premium = await levy(10_000n, '2026-06-30', '050');
    const { receiptId } = await enter(slip(null, 10_000n));
    await expect(assign(receiptId, premium)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is refused for money that is not unidentified and for lines that are not there', async () => {
    const { receiptId } = await enter(slip(await levy(10_000n), 10_000n));
    await expect(assign(receiptId, await levy(1n))).rejects.toMatchObject({ code: 'CONFLICT' });
    const lost = await enter(slip(null, 10_000n));
    await expect(assign(lost.receiptId, 999_999n)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
