import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  code,
  day,
  flag,
  instant,
  integer,
  optional,
  text,
  yen,
} from '../../../src/protocol/transfer/column.js';
import { CsvReader, readCsv, writeCsv } from '../../../src/protocol/transfer/csv.js';
import {
  isTransferFileName,
  TRANSFER_FILE_NAMES,
  TRANSFER_LAYOUT,
} from '../../../src/protocol/transfer/layout.js';
import { allOf, collected, taxpayer, thrown } from './support.js';

const COLUMNS = {
  caseNo: code('番号', /^\d+$/),
  name: text('名'),
  note: optional(text('備考')),
  on: day('日'),
  amount: yen('額'),
  count: integer('数', 99),
  sure: flag('可否'),
} as const;
const HEADING = 'caseNo,name,note,on,amount,count,sure\n';
const ROW = '1,蔵守,,2026-02-28,1200,3,1\n';

function read(file: string | Uint8Array) {
  const reader = new CsvReader('x.csv', COLUMNS);
  const rows = reader.push(Buffer.from(file));
  reader.end();
  return rows;
}

describe('a file', () => {
  test('is UTF-8 without a mark, LF, with quotes where RFC 4180 asks for them', async () => {
    const rows = [taxpayer('A-1')];
    const columns = TRANSFER_LAYOUT['01_taxpayer.csv'];
    const bytes = await collected(writeCsv('01_taxpayer.csv', columns, rows));
    expect(bytes.toString()).toBe(
      'caseNo,addresseeNo,name,kana,birthDate,sex,address,phones,mailingAddress,corporateNumber\n' +
        'A-1,0000000123,蔵守 太郎,,1970-01-31,M,"架空市中央1-2-3, ""蔵""ビル\n2階",,,\n',
    );
    expect(await allOf(readCsv('01_taxpayer.csv', columns, stream(bytes)))).toEqual(rows);
  });

  test('reads typed values', () => {
    expect(read(HEADING + ROW)).toEqual([
      { caseNo: '1', name: '蔵守', note: null, on: '2026-02-28', amount: 1200n, count: 3, sure: true },
    ]);
  });

  test('has columns of every file of the layout that begin with the case', () => {
    expect(TRANSFER_FILE_NAMES).toHaveLength(10);
    expect(TRANSFER_FILE_NAMES.every(isTransferFileName)).toBe(true);
    expect(['11_individual_number.csv', 'toString', ''].some(isTransferFileName)).toBe(false);
    for (const name of TRANSFER_FILE_NAMES) expect(Object.keys(TRANSFER_LAYOUT[name])[0]).toBe('caseNo');
  });

  test.each([
    ['another heading', `caseNo,name\n${ROW}`, 'heading'],
    ['a byte order mark', `\ufeff${HEADING}${ROW}`, 'heading'],
    ['CR LF', `${HEADING}${ROW}`.replaceAll('\n', '\r\n'), 'heading'],
    ['CR LF after the heading', HEADING + ROW.replaceAll('\n', '\r\n'), 'sure'],
    ['no end of the last row', HEADING + ROW.slice(0, -1), 'end is missing'],
    ['nothing', '', 'heading is missing'],
    ['a column too few', `${HEADING}1,蔵守,,2026-02-28,1200,3\n`, 'columns'],
    ['a day that is none', HEADING + ROW.replace('02-28', '02-29'), 'on is not'],
    ['separators in an amount', `${HEADING}1,蔵守,,2026-02-28,"1,200",3,1\n`, 'amount'],
    ['a leading zero', HEADING + ROW.replace('1200', '01200'), 'amount'],
    ['a negative amount', HEADING + ROW.replace('1200', '-1200'), 'amount'],
    ['an amount past 2^53', HEADING + ROW.replace('1200', '9007199254740992'), 'amount'],
    ['a number over its limit', HEADING + ROW.replace(',3,', ',100,'), 'count'],
    ['an absent value', HEADING + ROW.replace('蔵守', ''), 'name'],
    ['a control character', HEADING + ROW.replace('蔵守', '蔵\u001b[2J'), 'name'],
    ['a quote inside a plain cell', HEADING + ROW.replace('蔵守', '蔵"守'), 'quotes'],
    ['something after a closing quote', HEADING + ROW.replace('蔵守', '"蔵"守'), 'quotes'],
    ['a row without end', `${HEADING}1,"${'蔵'.repeat(70_000)}`, 'longer'],
  ])('with %s is refused by place, without what stands there', (_, file, fault) => {
    const { code, message } = thrown(() => read(file));
    expect(code).toBe('FILE_REJECTED');
    expect(message).toContain(fault);
    expect(message).not.toMatch(/蔵|1200|9007/);
  });

  test('that is not UTF-8 is refused', () => {
    const bytes = Buffer.concat([Buffer.from(HEADING), Buffer.of(0xff, 0x0a)]);
    expect(thrown(() => read(bytes)).message).toContain('UTF-8');
    expect(thrown(() => read(Buffer.from(HEADING + ROW + '蔵').subarray(0, -1))).message).toContain('UTF-8');
  });

  test('is not written with a value that its reader would refuse', async () => {
    const bad = { ...taxpayer('A-1'), birthDate: '1970-02-30' };
    await expect(
      collected(writeCsv('01_taxpayer.csv', TRANSFER_LAYOUT['01_taxpayer.csv'], [bad])),
    ).rejects.toMatchObject({ code: 'FILE_REJECTED', facts: { file: '01_taxpayer.csv', row: 1 } });
  });

  test('an instant is UTC, on a day of the calendar', () => {
    const column = instant('時');
    expect(['2026-11-22T03:41:50Z', '2026-11-22T03:41:50.123Z'].map((cell) => column.accepts(cell))).toEqual([
      true,
      true,
    ]);
    expect(
      ['2026-11-22T03:41:50+09:00', '2026-02-30T03:41:50Z', '2026-11-22T24:00:00Z'].some((cell) =>
        column.accepts(cell),
      ),
    ).toBe(false);
  });
});

describe('whatever stands in the cells', () => {
  const people = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((value) => TRANSFER_LAYOUT['05_contacts.csv'].summary.accepts(value));
  const cell = fc.oneof(people, fc.constantFrom('"', '""', ',', '\n', '"\n",', ' ', 'a"b'));
  const row = fc.record({
    caseNo: fc.nat().map(String),
    name: cell,
    note: fc.option(cell),
    on: fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((at) => at.toISOString().slice(0, 10)),
    amount: fc.bigInt(0n, 9_007_199_254_740_991n),
    count: fc.nat(99),
    sure: fc.boolean(),
  });

  test('comes back as it was, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, size) => {
          const bytes = await collected(writeCsv('x.csv', COLUMNS, rows));
          expect(await allOf(readCsv('x.csv', COLUMNS, stream(bytes, size)))).toEqual(rows);
        },
      ),
    );
  });
});

async function* stream(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
