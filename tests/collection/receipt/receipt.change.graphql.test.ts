import { beforeAll, describe, expect, it } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import {
  ReceiptChanges,
  type EnterManualReceiptInput,
} from '../../../src/collection/receipt/receipt.change.graphql.js';
import { RECEIPT_YEN_MAX } from '../../../src/kernel/limits.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let reader: Reader;
const changes = new ReceiptChanges();
const clerk = askerOf('collectionClerk');
const chief = askerOf('sectionChief', {}, 'COLLECTION');
const IDEMPOTENT = { idempotencyKey: 'key-00000001' };

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

async function debtor() {
  const person = await records.addressee();
  return { person, levyId: await records.levy(person, { dueOn: '2026-11-30' }) };
}

function enter(change: Partial<EnterManualReceiptInput>, asker = clerk) {
  const input = {
    ...IDEMPOTENT,
    source: 'counter' as const,
    taxAmount: 10_000n,
    paidOn: '2026-11-02',
    ...change,
  };
  return makeChange(db.gateway, asker, (context) => changes.enterManualReceipt(input, context));
}

function assign(receiptId: bigint, levyId: bigint | string, asker = clerk) {
  const input = { ...IDEMPOTENT, receiptId: String(receiptId), levyId: String(levyId) };
  return makeChange(db.gateway, asker, (context) => changes.assignUnidentifiedReceipt(input, context));
}

function reverse(receiptId: bigint | string) {
  const input = { ...IDEMPOTENT, receiptId: String(receiptId) };
  return makeChange(db.gateway, chief, (context) => changes.reverseReceipt(input, context));
}

async function receipt(id: unknown) {
  const document = `{ receipt(id: "${String(id)}") { amount unidentifiedAmount taxItemCode receivedOn
    bookedOn matchRule recordedBy
    allocations { nodes { component amount } } overpayments { cause amount } levyLine { settled outstanding
      } reversal { amount } } }`;
  return (await reader.data(document, chief))['receipt'];
}

describe('enterManualReceipt', () => {
  it('applies the receipt to the line, on today unless said otherwise', async () => {
    const { levyId } = await debtor();
    const { keys } = await enter({ levyId: String(levyId), taxAmount: 4_000n });
    expect(await receipt(keys?.['receipt'])).toEqual({
      amount: 4_000,
      unidentifiedAmount: 0,
      taxItemCode: '001',
      receivedOn: '2026-11-02',
      bookedOn: '2026-11-02',
      matchRule: 'PERSON',
      recordedBy: 'staff-collectionClerk',
      allocations: { nodes: [{ component: 'TAX', amount: 4_000 }] },
      overpayments: [],
      levyLine: { settled: false, outstanding: 6_000 },
      reversal: null,
    });
  });

  it('keeps what is over as an overpayment', async () => {
    const { levyId } = await debtor();
    const { keys } = await enter({ levyId: String(levyId), taxAmount: 12_000n });
    expect(await receipt(keys?.['receipt'])).toMatchObject({
      overpayments: [{ cause: 'EXCESS', amount: 2_000 }],
      levyLine: { settled: true },
    });
  });

  it.each([
    ['an unknown line', { levyId: '888888888' }, 'NOT_FOUND levyId'],
    ['an id that is none', { levyId: '0 or 1' }, 'BAD_INPUT id'],
    ['an unknown tax item', { taxItem: '999' }, 'NOT_FOUND taxItem'],
    ['no money', { taxAmount: 0n }, 'BAD_INPUT taxAmount'],
    ['a late charge below 0', { lateChargeAmount: -1n }, 'BAD_INPUT lateChargeAmount'],
    ['more than a receipt can be', { taxAmount: RECEIPT_YEN_MAX + 1n }, 'BAD_INPUT taxAmount'],
    ['too much with its late charge', { lateChargeAmount: RECEIPT_YEN_MAX }, 'BAD_INPUT lateChargeAmount'],
    ['a payment after today', { paidOn: '2026-11-03' }, 'BAD_INPUT paidOn'],
    ['a payment of the last century', { paidOn: '1999-12-31' }, 'BAD_INPUT paidOn'],
    ['a payment after its arrival', { receivedOn: '2026-11-01' }, 'BAD_INPUT paidOn'],
    ['a booking before the payment', { bookedOn: '2026-11-01' }, 'BAD_INPUT bookedOn'],
    ['a booking after today', { bookedOn: '2026-11-03' }, 'BAD_INPUT bookedOn'],
    ['an arrival after today', { paidOn: '2026-11-02', receivedOn: '2026-11-03' }, 'BAD_INPUT receivedOn'],
    ['a bank without a name', { collectingBank: '　' }, 'BAD_INPUT collectingBank'],
  ])('refuses %s and writes nothing', async (_, change, problem) => {
    const before = await count();
    const { userErrors, keys } = await enter(change);
    expect(keys).toBeUndefined();
    expect(userErrors?.map(({ code, field }) => `${code} ${field}`)).toEqual([problem]);
    expect(await count()).toBe(before);
  });

  it('takes the largest receipt, and a payment of the first day of 2000', async () => {
    const largest = await enter({ taxAmount: RECEIPT_YEN_MAX, taxItem: '001' });
    expect(await receipt(largest.keys?.['receipt'])).toMatchObject({ amount: Number(RECEIPT_YEN_MAX) });
    expect((await enter({ paidOn: '2000-01-01', taxItem: '001' })).keys).toBeDefined();
  });

  it('refuses a slip whose tax item is not that of the line, and people of another branch', async () => {
    const { levyId } = await debtor();
    expect((await enter({ levyId: String(levyId), taxItem: '020' })).userErrors).toMatchObject([
      { code: 'BAD_INPUT', field: 'taxItem' },
    ]);
    const elsewhere = askerOf('collectionClerk', { branchCode: '02' });
    expect((await enter({ levyId: String(levyId) }, elsewhere)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'levyId' },
    ]);
  });
});

describe('assignUnidentifiedReceipt', () => {
  it('takes an unidentified receipt from its list and applies it', async () => {
    const { levyId } = await debtor();
    const { keys } = await enter({ taxItem: '001' });
    const id = keys?.['receipt'] as bigint;
    const list = async () => {
      const data = await reader.data(
        '{ unidentifiedReceipts(first: 100) { nodes { id remaining reason } } }',
        clerk,
      );
      return (data['unidentifiedReceipts'] as { nodes: unknown[] }).nodes;
    };
    expect(await list()).toContainEqual({ id: String(id), remaining: 10_000, reason: 'NO_MATCH' });
    expect(await assign(id, levyId)).toEqual({ keys: { receipt: id, levyLine: levyId } });
    expect(await list()).not.toContainEqual(expect.objectContaining({ id: String(id) }));
    expect(await receipt(id)).toMatchObject({
      unidentifiedAmount: 0,
      allocations: { nodes: [{ component: 'TAX', amount: 10_000 }] },
    });
    expect((await assign(id, levyId)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });

  it('is done once when clerks assign the same receipt at the same moment', async () => {
    const { keys } = await enter({ taxItem: '001' });
    const lines = await Promise.all(Array.from({ length: 5 }, debtor));
    const outcomes = await Promise.all(
      lines.map(({ levyId }) => assign(keys?.['receipt'] as bigint, levyId)),
    );
    expect(outcomes.filter((outcome) => outcome.keys)).toHaveLength(1);
  });

  it('never pays a premium with the slip of a tax', async () => {
    const { person } = await debtor();
    const premium = await records.levy(person, { taxItem: '050' });
    const { keys } = await enter({ taxItem: '001' });
    expect((await assign(keys?.['receipt'] as bigint, premium)).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ]);
  });

  it('shows no money that belongs to nobody yet to a branch', async () => {
    const { levyId } = await debtor();
    const { keys } = await enter({ taxItem: '001' });
    const branch = askerOf('collectionClerk', { branchCode: '00' });
    expect((await assign(keys?.['receipt'] as bigint, levyId, branch)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'receiptId' },
    ]);
  });
});

describe('reverseReceipt', () => {
  it('undoes a receipt by another of the opposite sign, once', async () => {
    const { levyId } = await debtor();
    const { keys } = await enter({ levyId: String(levyId), taxAmount: 12_000n });
    const id = keys?.['receipt'] as bigint;
    const reversed = await reverse(id);
    expect(reversed.keys).toEqual({ receipt: id, reversal: expect.any(BigInt) as bigint });
    expect(await receipt(id)).toMatchObject({
      reversal: { amount: -12_000 },
      levyLine: { settled: false, outstanding: 10_000 },
    });
    expect((await reverse(id)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect((await reverse(reversed.keys?.['reversal'] ?? '')).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ]);
    expect((await reverse(777_777_777n)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'receiptId' },
    ]);
  });
});

async function count(): Promise<bigint | undefined> {
  const [row] = await db.owner.run(
    'tests.count',
    ({ raw }) => raw<{ n: bigint }[]>`select count(*) as n from records.receipt`,
  );
  return row?.n;
}
