import { describe, expect, test } from 'vitest';
import {
  isWrongInstalment,
  matchSlip,
  type Instalment,
  type LevyKey,
  type SlipKeys,
} from '../../../src/collection/receipt/matching.js';

const LEVY: LevyKey = {
  levyId: 1n,
  taxItem: '001',
  levyFiscalYear: 2026,
  instalmentNo: 1,
  noticeNo: '0000000001',
  assessmentYear: 2026,
  returnNo: 0,
  paymentNo: '123',
  confirmationNo: '000777',
  outstanding: 10_000n,
};

const SLIP: SlipKeys = {
  read: 'noticeNo',
  taxItem: '001',
  levyFiscalYear: 2026,
  instalmentNo: 1,
  noticeNo: '0000000001',
  assessmentYear: null,
  returnNo: null,
  paymentNo: null,
  confirmationNo: null,
  billed: 10_000n,
  contradictory: false,
};

const corrected: LevyKey = { ...LEVY, levyId: 2n, returnNo: 1 };
const mpn: SlipKeys = {
  ...SLIP,
  read: 'paymentNo',
  noticeNo: null,
  paymentNo: '00000000000000000123',
  confirmationNo: '000777',
};

describe('a slip is matched', () => {
  test.each<[string, SlipKeys, LevyKey[], unknown]>([
    ['by its notice number', SLIP, [LEVY], { outcome: 'matched', rule: 'noticeNo', levyId: 1n }],
    [
      'by the full key where the notice number fits two lines',
      { ...SLIP, read: 'levyKey', assessmentYear: 2026, returnNo: 1 },
      [LEVY, corrected],
      { outcome: 'matched', rule: 'levyKey', levyId: 2n },
    ],
    [
      'by its payment number, whatever zeros stand before it',
      mpn,
      [LEVY],
      { outcome: 'matched', rule: 'paymentNo', levyId: 1n },
    ],
  ])('%s', (_, slip, ledger, expected) => {
    expect(matchSlip(slip, ledger)).toEqual(expected);
  });
});

describe('a slip is left to a person', () => {
  test.each<[string, SlipKeys, LevyKey[], unknown]>([
    [
      'when its notice number fits two lines',
      SLIP,
      [LEVY, corrected],
      { outcome: 'unidentified', reason: 'ambiguous' },
    ],
    [
      'when no line has its key',
      { ...SLIP, instalmentNo: 2 },
      [LEVY],
      { outcome: 'unidentified', reason: 'noMatch' },
    ],
    [
      'when its keys contradict each other',
      { ...SLIP, contradictory: true },
      [LEVY],
      { outcome: 'unidentified', reason: 'keyMismatch' },
    ],
    [
      'when its payment number is of another instalment',
      { ...mpn, instalmentNo: 2 },
      [LEVY],
      { outcome: 'unidentified', reason: 'keyMismatch' },
    ],
    [
      'when its confirmation number is another',
      { ...mpn, confirmationNo: '1' },
      [LEVY],
      { outcome: 'unidentified', reason: 'keyMismatch' },
    ],
    [
      'when its payment number is unknown',
      { ...mpn, paymentNo: '9' },
      [LEVY],
      { outcome: 'unidentified', reason: 'noMatch' },
    ],
    [
      'with a proposal when only its amount fits',
      { ...SLIP, read: 'none', noticeNo: null },
      [LEVY],
      { outcome: 'proposed', reason: 'ambiguous', levyIds: [1n] },
    ],
    [
      'without one when not even that fits',
      { ...SLIP, read: 'none', noticeNo: null, billed: 9n },
      [LEVY],
      { outcome: 'unidentified', reason: 'noMatch' },
    ],
  ])('%s', (_, slip, ledger, expected) => {
    expect(matchSlip(slip, ledger)).toEqual(expected);
  });
});

describe('the slip of a later instalment', () => {
  const at = (instalmentNo: number, dueOn: string, outstanding: bigint, paidHere = false): Instalment => ({
    instalmentNo,
    dueOn,
    outstanding,
    paidHere,
  });
  const notice = [at(2, '2026-08-31', 0n), at(3, '2026-11-02', 5_000n), at(4, '2027-02-01', 5_000n)];
  const slip = { instalmentNo: 4, paidOn: '2026-10-30', paid: 5_000n };
  const changed = (changes: Partial<Instalment>, instalmentNo = 3) =>
    notice.map((one) => (one.instalmentNo === instalmentNo ? { ...one, ...changes } : one));

  test('paid in the period of the one before, which is open for that amount, is mistaken', () => {
    expect(isWrongInstalment(slip, notice)).toBe(true);
  });

  test.each<[string, typeof slip, Instalment[]]>([
    ['when that one is settled', slip, changed({ outstanding: 0n })],
    ['when that one owes another amount', slip, changed({ outstanding: 4_900n })],
    ['when that one gets its own slip', slip, changed({ paidHere: true })],
    ['when it is paid in its own period', { ...slip, paidOn: '2026-11-04' }, notice],
    [
      'when it is paid even earlier, as those do who pay all at once',
      { ...slip, paidOn: '2026-08-31' },
      notice,
    ],
    ['when there is no instalment before it', { ...slip, instalmentNo: 2 }, notice],
    ['when the instalments fall due together', slip, changed({ dueOn: '2027-02-01' })],
    ['when its own line is not among them', { ...slip, instalmentNo: 5 }, notice],
  ])('is not mistaken %s', (_, one, instalments) => {
    expect(isWrongInstalment(one, instalments)).toBe(false);
  });
});
