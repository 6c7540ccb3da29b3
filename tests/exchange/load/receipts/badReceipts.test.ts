import { appendFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeWhole } from '../../../../src/exchange/layout/encoder.js';
import { loadReceipts } from '../../../../src/exchange/load/loadReceipts.js';
import { testDatabase } from '../../../support/database.js';
import {
  auditOf,
  fileOf,
  loadOptions,
  PLAIN,
  nextHeader,
  plainFile,
  seedLevies,
  seedMunicipality,
  slipFor,
  type SeedLevy,
} from '../support.js';

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

describe('a file with bad records', () => {
  const spoiled = async (name: string) => {
    const levies = [await line(10_000n), await line(11_000n), await line(12_000n), await line(13_000n)];
    const bytes = encodeWhole(PLAIN, { header: nextHeader(), data: levies.map((levy) => slipFor(levy)) });
    bytes.write('X', 2 * 122 + 21, 'latin1');
    bytes.write('20990101', 3 * 122 + 45, 'latin1');
    return fileOf(name, bytes);
  };

  test('is refused whole, and told record by record', async () => {
    const path = await spoiled('reject.txt');
    await expect(load(path)).rejects.toMatchObject({
      code: 'FILE_REJECTED',
      facts: { count: 2, faults: ['record 3 taxAmount: E_NUMERIC', 'record 4 R_FUTURE: E_CHECK'] },
    });
    const [row] = await db.owner.run(
      'test.none',
      ({ raw }) => raw`
      select count(*)::integer as n from records.loaded_file f where not exists (select
        from records.receipt r where r.file_id = f.id)`,
    );
    expect(row).toEqual({ n: 0 });
  });

  test('is loaded but for them when they may be set aside, their bytes kept', async () => {
    const { fileId, outcome } = await load(await spoiled('aside.txt'), { onBadLine: 'setAside' });
    expect(outcome.setAside).toEqual({ count: 2, yen: '23000', codes: { E_NUMERIC: 1, E_CHECK: 1 } });
    expect(outcome.classes.settled).toEqual({ count: 2, yen: '23000' });
    const aside = await db.owner.run(
      'test.aside',
      ({ raw }) => raw<{ record_no: number; code: string; field: string; content: Uint8Array }[]>`
      select record_no, code, field, content from records.set_aside_record
        where file_id = ${String(fileId)}::bigint order by record_no`,
    );
    expect(aside.map(({ record_no, code, field }) => [record_no, code, field])).toEqual([
      [3, 'E_NUMERIC', 'taxAmount'],
      [4, 'E_CHECK', 'R_FUTURE'],
    ]);
    expect(Buffer.from(aside[0]?.content ?? []).toString('latin1')).toHaveLength(120);
    expect(
      Buffer.from(aside[0]?.content ?? [])
        .toString('latin1')
        .slice(21, 32),
    ).toBe('X0000011000');
  });

  test('is refused under either policy when its frame is broken or its trailer does not fit', async () => {
    const bytes = encodeWhole(PLAIN, { header: nextHeader(), data: [slipFor(await line(10_000n))] });
    const cut = fileOf('cut.txt', Buffer.concat([bytes.subarray(0, 200), bytes.subarray(201)]));
    const trailer = Buffer.from(bytes);
    trailer.write('9', 2 * 122 + 22, 'latin1');
    for (const path of [cut, fileOf('trailer.txt', trailer)]) {
      await expect(load(path, { onBadLine: 'setAside' })).rejects.toMatchObject({ code: 'FILE_REJECTED' });
    }
  });

  test('of another municipality, of no known layout, empty or absent is refused', async () => {
    const other = encodeWhole(PLAIN, {
      header: { ...nextHeader(), municipalityCode: '139998' },
      data: [slipFor(await line(1n))],
    });
    await expect(load(fileOf('other.txt', other))).rejects.toMatchObject({
      code: 'FILE_REJECTED',
      facts: { faults: [expect.stringContaining('E_MUNICIPALITY')] },
    });
    await expect(load(fileOf('unknown.txt', Buffer.from('199 something')))).rejects.toMatchObject({
      code: 'FILE_REJECTED',
    });
    await expect(load(fileOf('words.txt', Buffer.from('a,b\r\n')))).rejects.toMatchObject({
      code: 'FILE_REJECTED',
    });
    await expect(load(fileOf('empty.txt', Buffer.alloc(0)))).rejects.toMatchObject({ code: 'FILE_REJECTED' });
    await expect(load('/nowhere/at/all')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('that changes while it is read is refused', async () => {
    const path = plainFile('moving.txt', [slipFor(await line(10_000n))]);
    const { clock } = loadOptions(db.loader, audit, path);
    let meddled = 0;
    // The clock is first asked after the digest was taken.
    const meddling = {
      now: () => {
        if (meddled++ === 0) appendFileSync(path, '\x1a');
        return clock.now();
      },
    };
    await expect(load(path, { clock: meddling })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('a load that cannot be audited leaves nothing behind', async () => {
  const path = plainFile('unaudited.txt', [slipFor(await line(10_000n))]);
  const broken = { appendIn: () => Promise.reject(new Error('the log is away')) };
  await expect(load(path, { audit: broken })).rejects.toThrow('the log is away');
  const { repeated } = await load(path);
  expect(repeated).toBe(false);
});
