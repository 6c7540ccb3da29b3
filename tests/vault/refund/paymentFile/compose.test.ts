import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainDate } from '../../../../src/kernel/dates.js';
import { PAYMENT_FILE_RECORDS_MAX } from '../../../../src/kernel/limits.js';
import {
  composePaymentFile,
  fileDigest,
  fittingRecords,
  totalOf,
  type Consignor,
} from '../../../../src/vault/refund/paymentFile/compose.js';
import { transferRecord } from '../../../../src/vault/refund/transferRecord.js';

const CONSIGNOR: Consignor = {
  code: '0024201203',
  nameKana: 'ﾐﾎﾝｼ ｶｲｹｲｶﾝﾘｼﾔ',
  bankCode: '0998',
  bankNameKana: 'ﾐﾎﾝ',
  branchCode: '001',
  branchNameKana: 'ｼﾔｸｼﾖ',
  accountType: '1',
  accountNumber: '0000001',
  layout: '120+CRLF',
};
const recordOf = (amount: bigint, holderKana = 'ﾔﾏﾀﾞ ﾊﾅｺ') =>
  transferRecord({
    account: {
      bankCode: '0999',
      bankNameKana: 'テストギンコウ',
      branchCode: '012',
      branchNameKana: 'ホンテン',
      accountType: '1',
      accountNumber: '0012345',
      holderKana,
    },
    amount,
    customerNo: '0000000123',
  });
const payOn = plainDate('2026-11-27');

describe('a payment file', () => {
  // The amounts of handbook 20 §9: 3 records, 17,000 yen in all.
  const records = [10_000n, 5_000n, 2_000n].map((amount) => recordOf(amount));
  const lines = composePaymentFile({ consignor: CONSIGNOR, payOn, records }).toString('latin1').split('\r\n');

  test('is header, data, trailer and end, each with its CR LF', () => {
    expect(lines.map((line) => line.slice(0, 1)).join('')).toBe('122289');
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(0, -1).map((line) => line.length)).toEqual(Array(6).fill(120));
  });

  test('has every field of its header at its place', () => {
    const header = lines[0]!;
    expect(header.slice(0, 14)).toBe('12100024201203');
    expect(Buffer.from(header.slice(14, 20), 'latin1')).toEqual(
      Buffer.from([0xd0, 0xce, 0xdd, 0xbc, 0x20, 0xb6]),
    );
    expect(header.slice(54, 62)).toBe('11270998');
    expect(header.slice(77, 80)).toBe('001');
    expect(header.slice(95)).toBe(`10000001${' '.repeat(17)}`);
  });

  test('counts and sums in its trailer, and ends with nothing', () => {
    expect(lines[4]).toBe(`8000003000000017000${' '.repeat(101)}`);
    expect(lines[5]).toBe(`9${' '.repeat(119)}`);
  });

  test('stands without line ends where the bank wants none', () => {
    const bare = composePaymentFile({ consignor: { ...CONSIGNOR, layout: '120' }, payOn, records });
    expect(bare.toString('latin1')).toBe(lines.join(''));
  });

  const amount = fc.bigInt({ min: 1n, max: 9_999_999_999n });
  const holder = fc.stringMatching(/^[ｱ-ﾝ]{1,20}$/u);
  test('has 120 bytes in each record and the sum of its amounts, whatever it pays', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(amount, holder), { minLength: 1, maxLength: 20 }), (payments) => {
        const made = payments.map(([each, name]) => recordOf(each, name));
        const file = composePaymentFile({ consignor: CONSIGNOR, payOn, records: made });
        expect(file).toHaveLength((payments.length + 3) * 122);
        const trailer = file.subarray(-244, -124).toString('latin1');
        expect(Number(trailer.slice(1, 7))).toBe(payments.length);
        expect(BigInt(trailer.slice(7, 19))).toBe(payments.reduce((sum, [each]) => sum + each, 0n));
        expect(totalOf(made)).toBe(BigInt(trailer.slice(7, 19)));
      }),
      { numRuns: 50 },
    );
  });

  test('is another file when one yen of it is another', () => {
    const other = [10_000n, 5_001n, 2_000n].map((each) => recordOf(each));
    const digestOf = (each: readonly Uint8Array[]) =>
      fileDigest(composePaymentFile({ consignor: CONSIGNOR, payOn, records: each }));
    expect(digestOf(records)).toBe(digestOf([10_000n, 5_000n, 2_000n].map((each) => recordOf(each))));
    expect(digestOf(other)).not.toBe(digestOf(records));
    expect(digestOf(records)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe('a file has room', () => {
  test('for so many records', () => {
    const one = recordOf(1n);
    expect(fittingRecords(Array<Uint8Array>(PAYMENT_FILE_RECORDS_MAX + 1).fill(one))).toBe(
      PAYMENT_FILE_RECORDS_MAX,
    );
    expect(fittingRecords([one])).toBe(1);
    expect(fittingRecords([])).toBe(0);
  });

  test('for twelve digits in all: 100 times the largest amount, and one yen hundred times', () => {
    const most = Array<Uint8Array>(101).fill(recordOf(9_999_999_999n));
    expect(fittingRecords(most)).toBe(100);
    const toTheYen = [...most.slice(0, 100), recordOf(99n)];
    expect(fittingRecords(toTheYen)).toBe(101);
    expect(totalOf(toTheYen)).toBe(999_999_999_999n);
    expect(fittingRecords([...toTheYen, recordOf(1n)])).toBe(101);
  });
});
