import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileLayout } from '../../../src/exchange/layout/compile.js';
import { encodeFile } from '../../../src/exchange/layout/encoder.js';
import { loadLevies } from '../../../src/exchange/load/loadLevies.js';
import { loadReceipts } from '../../../src/exchange/load/loadReceipts.js';
import { RECEIPT_PLAIN_CSV } from '../../../src/exchange/layouts/receiptPlain.js';
import { RECEIPT_YEN_MAX } from '../../../src/kernel/limits.js';
import { testDatabase } from '../../support/database.js';
import {
  auditOf,
  CODE_LISTS,
  fileOf,
  loadEntries,
  loadOptions,
  plainFile,
  seedLevies,
  seedMunicipality,
  slipFor,
} from './support.js';

const db = await testDatabase();
const audit = auditOf(db);
const CSV = compileLayout(RECEIPT_PLAIN_CSV, CODE_LISTS);
const levy = { noticeNo: '0000000001', instalmentNo: 1, taxAmount: 10_000n, dueOn: '2026-06-30' };

beforeAll(async () => {
  await seedLevies(db, await seedMunicipality(db), [levy]);
});

const load = (path: string, more: object = {}) =>
  loadReceipts({ ...loadOptions(db.loader, audit, path), ...more });
const csvFile = (name: string, change: object = {}) =>
  fileOf(name, encodeFile(CSV, { data: [{ ...slipFor(levy), ...change }] }));

describe('the audit log', () => {
  test('says of a load that it was done, then that it was repeated', async () => {
    const path = plainFile('twice.txt', [slipFor(levy)]);
    const first = loadOptions(db.loader, audit, path);
    await loadReceipts(first);
    const again = loadOptions(db.loader, audit, path);
    expect((await loadReceipts(again)).repeated).toBe(true);
    expect(await loadEntries(db, first.requestId)).toEqual(['S0001 Load.receipts allow 1']);
    expect(await loadEntries(db, again.requestId)).toEqual(['S0001 Load.receipts allow 0 repeated']);
  });

  test('says of a refused load which code it was refused with', async () => {
    const broken = loadOptions(db.loader, audit, fileOf('broken.txt', Buffer.from('112')));
    await expect(loadReceipts(broken)).rejects.toMatchObject({ code: 'FILE_REJECTED' });
    expect(await loadEntries(db, broken.requestId)).toEqual(['S0001 Load.receipts refuse 0 FILE_REJECTED']);
    const absent = loadOptions(db.loader, audit, '/nowhere/at/all');
    await expect(loadLevies(absent)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await loadEntries(db, absent.requestId)).toEqual(['S0001 Load.levies refuse 0 NOT_FOUND']);
  });
});

describe('the day of booking', () => {
  test.each(['yesterday', '2026-02-30', '2026-07-05', '1999-12-31', '2026-06-29'])(
    '%s is refused: no day, to come, too long ago, or before the payment',
    async (bookedOn) => {
      await expect(load(csvFile(`day ${bookedOn}`), { bookedOn })).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining('--booked-on') as string,
        facts: { field: 'bookedOn' },
      });
    },
  );

  test.each(['2026-06-30', '2026-07-04'])('%s is taken: the day of payment, today', async (bookedOn) => {
    const path = csvFile(`good ${bookedOn}`, { collectingBank: bookedOn.slice(0, 2) + bookedOn.slice(-2) });
    expect((await load(path, { bookedOn })).repeated).toBe(false);
  });
});

test('a folder given as the file is refused with a sentence', async () => {
  await expect(load(tmpdir())).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: 'The path is a folder or a device. Name the file to load.',
  });
});

test('a slip over the largest receipt is a bad record', async () => {
  const path = csvFile('large.csv', { taxAmount: RECEIPT_YEN_MAX, lateCharge: 1n });
  await expect(load(path)).rejects.toMatchObject({
    code: 'FILE_REJECTED',
    facts: { faults: [expect.stringContaining('R_AMOUNT')] },
  });
});
