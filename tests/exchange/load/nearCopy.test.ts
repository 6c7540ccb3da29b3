import { beforeAll, describe, expect, test } from 'vitest';
import { compileLayout } from '../../../src/exchange/layout/compile.js';
import { encodeFile, encodeWhole } from '../../../src/exchange/layout/encoder.js';
import { loadReceipts } from '../../../src/exchange/load/loadReceipts.js';
import { RECEIPT_PLAIN_CSV } from '../../../src/exchange/layouts/receiptPlain.js';
import { testDatabase } from '../../support/database.js';
import {
  auditOf,
  CODE_LISTS,
  fileOf,
  loadOptions,
  nextHeader,
  PLAIN,
  plainFile,
  seedLevies,
  seedMunicipality,
  slipFor,
} from './support.js';

const db = await testDatabase();
const audit = auditOf(db);
const CSV = compileLayout(RECEIPT_PLAIN_CSV, CODE_LISTS);
const levies = [1, 2, 3].map((n) => ({
  noticeNo: String(n).padStart(10, '0'),
  instalmentNo: 1,
  taxAmount: 10_000n,
  dueOn: '2026-06-30',
}));
const slips = () => levies.map((levy) => slipFor(levy));

beforeAll(async () => {
  await seedLevies(db, await seedMunicipality(db), levies);
});

const load = (path: string, more: object = {}) =>
  loadReceipts({ ...loadOptions(db.loader, audit, path), ...more });

async function booked(): Promise<unknown> {
  const [row] = await db.owner.run(
    'test.booked',
    ({ raw }) => raw`
    select (select count(*)::integer from records.receipt) as receipts,
      (select sum(amount)::bigint from records.receipt) as yen,
      (select count(*)::integer from records.loaded_file) as files,
      (select count(*)::integer from records.change) as n`,
  );
  return row;
}

/** Loads the first file, then is refused the second and has booked nothing; the first again answers its outcome. */
async function refusesCopy(first: string, copy: string, more: object = {}): Promise<void> {
  const { outcome, fileId } = await load(first, more);
  const before = await booked();
  for (const policy of ['reject', 'setAside']) {
    await expect(load(copy, { onBadLine: policy })).rejects.toMatchObject({
      code: 'FILE_REJECTED',
      message: expect.stringContaining('new sequence number') as string,
    });
  }
  expect(await booked()).toEqual(before);
  expect(await load(first, more)).toMatchObject({ repeated: true, fileId, outcome });
}

describe('a file that was loaded, in other bytes', () => {
  const lined = () => encodeWhole(PLAIN, { header: nextHeader(), data: slips() });
  const unlined = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', ''), 'latin1');

  test.each([
    ['without line ends', unlined],
    ['with an end mark 0x1A', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0x1a])])],
    ['without its last line end', (bytes: Buffer) => bytes.subarray(0, -2)],
  ])('%s is refused and books nothing', async (name, change) => {
    const bytes = lined();
    expect(change(bytes).equals(bytes)).toBe(false);
    await refusesCopy(fileOf(`first ${name}`, bytes), fileOf(`copy ${name}`, change(bytes)));
  });

  test('mended after bad records were set aside is refused', async () => {
    const sound = lined();
    const spoiled = Buffer.from(sound);
    spoiled.write('X', 2 * 122 + 21, 'latin1');
    await refusesCopy(fileOf('spoiled', spoiled), fileOf('mended', sound), { onBadLine: 'setAside' });
  });

  test('as CSV with other line ends is refused; with another value it is another file', async () => {
    const bytes = Buffer.concat([...encodeFile(CSV, { data: slips() })]);
    const text = bytes.toString();
    const other = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n');
    expect(other).not.toBe(text);
    await refusesCopy(fileOf('first.csv', bytes), fileOf('copy.csv', Buffer.from(other)));
    const [first, ...rest] = slips();
    const changed = encodeFile(CSV, { data: [{ ...first, collectingBank: '0009' }, ...rest] });
    expect((await load(fileOf('changed.csv', changed))).repeated).toBe(false);
  });

  test('is refused also when both come at once, one of them being loaded', async () => {
    const bytes = lined();
    const settled = await Promise.allSettled(
      [bytes, unlined(bytes), bytes.subarray(0, -2)].map((content, n) => load(fileOf(`race-${n}`, content))),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(
      settled.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : [])),
    ).toEqual(['FILE_REJECTED', 'FILE_REJECTED']);
  });

  test('can be loaded when the first was refused, and the same records under a new sequence number', async () => {
    const sound = lined();
    const spoiled = Buffer.from(sound);
    spoiled.write('X', 2 * 122 + 21, 'latin1');
    await expect(load(fileOf('refused', spoiled))).rejects.toMatchObject({ code: 'FILE_REJECTED' });
    expect((await load(fileOf('sound', sound))).repeated).toBe(false);
    expect((await load(plainFile('next', slips()))).repeated).toBe(false);
  });
});
