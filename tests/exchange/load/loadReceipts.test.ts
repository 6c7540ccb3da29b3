import { beforeAll, describe, expect, test } from 'vitest';
import { decodeBody } from '../../../src/audit/body.js';
import { compileLayout } from '../../../src/exchange/layout/compile.js';
import { encodeFile } from '../../../src/exchange/layout/encoder.js';
import type { DecodedFields } from '../../../src/exchange/layout/field.js';
import { loadLevies } from '../../../src/exchange/load/loadLevies.js';
import { loadReceipts } from '../../../src/exchange/load/loadReceipts.js';
import { RECEIPT_MPN } from '../../../src/exchange/layouts/receiptMpn.js';
import { RECEIPT_PLAIN_CSV } from '../../../src/exchange/layouts/receiptPlain.js';
import { testDatabase } from '../../support/database.js';
import {
  auditOf,
  CODE_LISTS,
  fileOf,
  loadOptions,
  nextHeader,
  plainFile,
  seedLevies,
  seedMunicipality,
  slipFor,
  type SeedLevy,
} from './support.js';

const db = await testDatabase();
const audit = auditOf(db);
let seeded = 0n;
let notices = 0;

beforeAll(async () => {
  seeded = await seedMunicipality(db);
});

const nextNotice = () => String(++notices).padStart(10, '0');
const load = (path: string, more: object = {}) =>
  loadReceipts({ ...loadOptions(db.loader, audit, path), ...more });

async function line(
  taxAmount: bigint,
  dueOn = '2026-06-30',
  more: Partial<SeedLevy> = {},
): Promise<SeedLevy & { id: bigint }> {
  const levy = { noticeNo: nextNotice(), instalmentNo: 1, taxAmount, dueOn, ...more };
  const [id = 0n] = await seedLevies(db, seeded, [levy]);
  return { ...levy, id };
}

/**
 * What became of each record of a file: receipt amount, then applied by component, overpaid and unidentified by
 * cause.
 */
async function fates(fileId: bigint) {
  return db.owner.run(
    'test.fates',
    ({ raw }) => raw<{ record: number; rule: string; fate: string }[]>`
    select r.record_no as record, r.match_rule as rule, concat_ws(' ',
      (select string_agg(component || '=' || amount, ' ' order by component) from records.allocation
        where receipt_id = r.id),
      (select string_agg(cause || '=' || amount, ' ') from records.overpayment where receipt_id = r.id),
      (select string_agg(reason || '=' || amount, ' ') from records.unidentified_entry
        where receipt_id = r.id)) as fate
    from records.receipt r where r.file_id = ${String(fileId)}::bigint order by r.record_no`,
  );
}

const only = async (slips: DecodedFields[], name: string) => {
  const result = await load(plainFile(name, slips));
  return { ...result, fates: (await fates(result.fileId)).map(({ rule, fate }) => `${rule}: ${fate}`) };
};

describe('a day of slips with all its trouble', () => {
  test('is applied, set apart or left to a person, each yen once, and balances to the trailer', async () => {
    const exact = await line(10_000n);
    const part = await line(20_000n);
    const over = await line(5_000n);
    const twice = await line(7_000n);
    const late = await line(98_700n, '2024-12-25', { year: 2024 });
    const shifted = await line(9_000n);
    const typed = slipFor(exact);
    const slips = [
      slipFor(exact),
      slipFor(part, { tax: 8_000n }),
      slipFor(over, { tax: 5_500n }),
      slipFor(twice),
      slipFor(twice),
      slipFor(late, { on: '2025-03-10', late: 1_200n }),
      slipFor(shifted, { tax: 8_000n, late: 1_000n }),
      { ...typed, channel: 'keyed', ocrLine: `9${String(typed['ocrLine']).slice(1)}` },
      { ...typed, ocrLine: null, noticeNo: '9999999999' },
      { ...typed, ocrLine: null, noticeNo: null, billedAmount: null, taxAmount: 3n },
      { ...slipFor(part, { tax: 12_000n }), ocrLine: null },
    ];
    const { outcome, fates: found } = await only(slips, 'trouble.txt');
    expect(found).toEqual([
      'levyKey: tax=10000',
      'levyKey: tax=8000',
      'levyKey: tax=5000 excess=500',
      'levyKey: tax=7000',
      'levyKey: doublePayment=7000',
      'levyKey: lateCharge=1200 tax=98700',
      'levyKey: tax=9000',
      'none: keyMismatch=10000',
      'none: noMatch=10000',
      'none: noMatch=3',
      'noticeNo: tax=12000',
    ]);
    const counts = Object.fromEntries(
      Object.entries(outcome.classes).map(([name, { count }]) => [name, count]),
    );
    expect(counts).toEqual({
      settled: 5,
      partial: 1,
      over: 1,
      doublePayment: 1,
      mistakenSlip: 0,
      unidentified: 3,
    });
    expect(outcome.lateChargesFixed).toEqual({ count: 1, yen: '1200' });
    const classes = Object.values(outcome.classes).reduce((sum, { yen }) => sum + BigInt(yen), 0n);
    expect(String(classes)).toBe(outcome.trailer.yen);
    const [item] = outcome.items;
    expect(BigInt(item?.allocated ?? 0) + BigInt(item?.overpaid ?? 0) + BigInt(item?.unidentified ?? 0)).toBe(
      classes,
    );
  });

  test('sets the slip of a later instalment apart when it was paid in the period of the one before', async () => {
    const noticeNo = nextNotice();
    const instalments = ['2025-08-31', '2025-10-31', '2026-01-31', '2026-03-02'].map((dueOn, index) => ({
      noticeNo,
      instalmentNo: index + 1,
      taxAmount: 5_000n,
      dueOn,
      year: 2025,
    }));
    await seedLevies(db, seeded, instalments);
    const [first, second, third, fourth] = instalments as [SeedLevy, SeedLevy, SeedLevy, SeedLevy];
    const paid = await only(
      [
        slipFor(first, { on: '2025-08-20' }),
        slipFor(second, { on: '2025-10-20' }),
        slipFor(fourth, { on: '2026-01-20' }),
      ],
      'wrong.txt',
    );
    expect(paid.fates).toEqual(['levyKey: tax=5000', 'levyKey: tax=5000', 'levyKey: mistakenSlip=5000']);
    const both = await only(
      [slipFor(fourth, { on: '2026-01-20' }), slipFor(third, { on: '2026-01-20' })],
      'both.txt',
    );
    expect(both.fates).toEqual(['levyKey: tax=5000', 'levyKey: tax=5000']);
  });

  test('of Pay-easy slips is matched by payment number', async () => {
    const mpn = compileLayout(RECEIPT_MPN, CODE_LISTS);
    const levy = await line(4_000n, '2026-06-30', { paymentNo: '20260001', confirmationNo: '123456' });
    const slip = {
      taxItemCode: '001',
      levyFiscalYear: 2026,
      instalmentNo: 1,
      billedAmount: 4_000n,
      paymentNo: '20260001',
      confirmationNo: '123456',
      collectingBank: '0001',
      paidOn: '2026-06-30',
      paymentCategory: null,
      channel: 'internet',
    };
    const data = [slip, { ...slip, paymentNo: '20260001', confirmationNo: '654321', paidOn: '2026-06-29' }];
    const { fileId } = await load(fileOf('mpn.txt', encodeFile(mpn, { header: nextHeader(), data })));
    expect((await fates(fileId)).map(({ rule, fate }) => `${rule}: ${fate}`)).toEqual([
      'paymentNo: tax=4000',
      'none: keyMismatch=4000',
    ]);
    expect(levy.id).toBeGreaterThan(0n);
  });

  test('as CSV is loaded like its fixed twin, booked on the day that is handed in', async () => {
    const csv = compileLayout(RECEIPT_PLAIN_CSV, CODE_LISTS);
    const levy = await line(4_000n);
    const { fileId } = await load(fileOf('day.csv', encodeFile(csv, { data: [slipFor(levy)] })), {
      bookedOn: '2026-07-02',
    });
    const [receipt] = await db.owner.run(
      'test.booked',
      ({ raw }) => raw`
      select booked_on, received_on, source, channel, levy_id from records.receipt
        where file_id = ${String(fileId)}::bigint`,
    );
    expect(receipt).toEqual({
      booked_on: '2026-07-02',
      received_on: '2026-07-04',
      source: 'receiptPlain',
      channel: 'ocr',
      levy_id: levy.id,
    });
  });
});

describe('the same bytes', () => {
  test('answer the first outcome and change nothing, also when they come twice at once', async () => {
    const path = plainFile('once.txt', [slipFor(await line(10_000n))]);
    const results = await Promise.all([load(path), load(path), load(path)]);
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(results.map(({ fileId }) => fileId)).size).toBe(1);
    expect(
      new Set(results.map(({ outcome }) => JSON.stringify(outcome, Object.keys(outcome).toSorted()))).size,
    ).toBe(1);
    await expect(loadLevies(loadOptions(db.loader, audit, path))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('in two different files at once settle a line once', async () => {
    const levy = await line(10_000n);
    const slip = slipFor(levy);
    const paths = [
      plainFile('left.txt', [slip]),
      plainFile('right.txt', [{ ...slip, collectingBank: '0005' }]),
    ];
    const outcomes = (await Promise.all(paths.map((path) => load(path)))).map(
      ({ outcome }) => outcome.classes,
    );
    expect(new Set(outcomes.map(({ settled }) => settled.count))).toEqual(new Set([0, 1]));
    expect(new Set(outcomes.map(({ doublePayment }) => doublePayment.count))).toEqual(new Set([0, 1]));
  });

  test('leave one audit record and one change of their load', async () => {
    const path = plainFile('audited.txt', [slipFor(await line(10_000n))]);
    const options = loadOptions(db.loader, audit, path);
    await loadReceipts(options);
    const records = await db.owner.run(
      'test.audit',
      ({ raw }) => raw<{ body: Uint8Array }[]>`
      select body from audit.written where kind = 'load' order by record_no desc limit 1`,
    );
    expect(decodeBody(Buffer.from(records[0]?.body ?? []).toString('utf8'))).toMatchObject({
      requestId: options.requestId,
      actorId: 'S0001',
      entries: [{ coordinate: 'Load.receipts', rows: 1 }],
    });
    const changes = await db.owner.run(
      'test.change',
      ({ raw }) => raw`
      select action, purpose from records.change where request_id = ${options.requestId}::uuid`,
    );
    expect(changes).toEqual([{ action: 'load.receipts', purpose: 'COLLECTION' }]);
  });
});
