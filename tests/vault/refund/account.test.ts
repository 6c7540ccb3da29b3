import { describe, expect, test } from 'vitest';
import type { InquiryResult } from '../../../src/protocol/intermediary/answer.js';
import { REGISTERED_ACCOUNT } from '../../../src/protocol/intermediary/registeredAccount.js';
import { accountOf, masked, type RefundAccount } from '../../../src/vault/refund/account.js';
import { amountOf, transferRecord } from '../../../src/vault/refund/transferRecord.js';
import { ZENGIN_RECORD_BYTES } from '../../../src/vault/refund/zengin.js';
import { ACCOUNT_ITEMS } from '../push/support/peer.js';

const { items: CODES, informationNameCode } = REGISTERED_ACCOUNT;
const answered = (change: Record<string, string> = {}): InquiryResult => {
  const items = { ...ACCOUNT_ITEMS, ...change };
  const names = [{ informationNameCode, status: '01', message: '応答', items }];
  return { lineNo: 1, recordId: 'R-1', lineStatus: '09', lineMessage: '応答', names, outcome: 'OK' };
};
const ACCOUNT: RefundAccount = {
  bankCode: '0999',
  bankNameKana: 'テストギンコウ',
  branchCode: '012',
  branchNameKana: 'ホンテン',
  accountType: '1',
  accountNumber: '0012345',
  holderKana: 'ﾔﾏﾀﾞ ﾊﾅｺ',
};

describe('an account that was provided', () => {
  test('is filled from the left: 12345 is 0012345 (handbook 12 §7)', () => {
    expect(accountOf(answered())).toEqual(ACCOUNT);
  });

  test.each([
    ['no number', { [CODES.accountNumber]: '' }],
    ['a number of eight digits', { [CODES.accountNumber]: '12345678' }],
    ['a bank of three digits', { [CODES.bankCode]: '099' }],
    ['an unknown kind of deposit', { [CODES.accountType]: '7' }],
    ['no holder', { [CODES.holderKana]: '' }],
    ['a holder in kanji', { [CODES.holderKana]: '山田花子' }],
    ['a holder of 49 signs', { [CODES.holderKana]: 'ア'.repeat(49) }],
  ])('is none with %s', (_what, change) => {
    expect(accountOf(answered(change))).toBeUndefined();
  });

  test('is none without its items', () => {
    expect(accountOf({ ...answered(), names: [] })).toBeUndefined();
  });

  test('is masked to bank, branch, four digits and the first kana', () => {
    expect(masked({ ...ACCOUNT, holderKana: 'ｼﾞﾖｳ' })).toEqual({
      bankCode: '0999',
      branchCode: '012',
      accountNumber: '***2345',
      holderKana: 'ｼﾞ',
    });
    expect(masked(ACCOUNT).holderKana).toBe('ﾔ');
  });
});

describe('the transfer record of the banks', () => {
  const record = (account: RefundAccount = ACCOUNT) =>
    Buffer.from(transferRecord({ account, amount: 45_600n, customerNo: '0000000123' }));

  test('has every field at its place', () => {
    const bytes = record();
    expect(bytes).toHaveLength(ZENGIN_RECORD_BYTES);
    const text = bytes.toString('latin1');
    expect(text.slice(0, 5)).toBe('20999');
    expect(text.slice(20, 23)).toBe('012');
    expect(text.slice(38, 50)).toBe('    10012345');
    expect(text.slice(80, 90)).toBe('0000045600');
    expect(text.slice(90, 101)).toBe('00000000123');
    expect(text.slice(111)).toBe('7        ');
    // ﾔﾏﾀﾞ ﾊﾅｺ in JIS X 0201.
    expect([...bytes.subarray(50, 59)]).toEqual([0xd4, 0xcf, 0xc0, 0xde, 0x20, 0xca, 0xc5, 0xba, 0x20]);
  });

  test('cuts names at the end of their fields', () => {
    const long = { ...ACCOUNT, holderKana: 'ｱ'.repeat(48), bankNameKana: 'イ'.repeat(60) };
    expect(record(long)).toHaveLength(ZENGIN_RECORD_BYTES);
  });

  test('leaves the name of a bank blank that cannot be written: its code says which it is', () => {
    const named = { ...ACCOUNT, bankNameKana: '見本銀行', branchNameKana: '本店' };
    expect(record(named).toString('latin1').slice(0, 42)).toBe(`20999${' '.repeat(15)}012${' '.repeat(19)}`);
  });

  test('says its amount again, and what is none of ours says none', () => {
    expect(amountOf(record())).toBe(45_600n);
    const spoilt = [
      record().subarray(1),
      Buffer.alloc(ZENGIN_RECORD_BYTES, ' '),
      Buffer.from(`2${record().toString('latin1').slice(1, 80)}00000000x0${' '.repeat(30)}`, 'latin1'),
      Buffer.from(`2${record().toString('latin1').slice(1, 80)}${'0'.repeat(10)}${' '.repeat(30)}`, 'latin1'),
    ];
    for (const each of spoilt)
      expect(() => amountOf(each)).toThrow(expect.objectContaining({ code: 'INTEGRITY_FAILURE' }));
  });

  test('is not made of what does not fit', () => {
    expect(() => transferRecord({ account: ACCOUNT, amount: 10n ** 10n, customerNo: '1' })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect(() => record({ ...ACCOUNT, holderKana: '山' })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
