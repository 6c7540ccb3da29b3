import { describe, expect, test } from 'vitest';
import { ContentCheck } from '../../../src/protocol/transfer/content.js';
import { sha256Hex } from '../../../src/protocol/transfer/forms.js';
import { rowsText, heading } from '../../../src/protocol/transfer/csv.js';
import { TRANSFER_LAYOUT } from '../../../src/protocol/transfer/layout.js';
import { CollectionTotals } from '../../../src/protocol/transfer/result.js';
import {
  caseTotalsText,
  LedgerTotals,
  PackageCases,
  sameTotals,
} from '../../../src/protocol/transfer/totals.js';
import { ledgerLine, taxpayer, thrown } from './support.js';

describe('control totals', () => {
  test('of the handbook: 165,600 assessed, 30,000 paid, 5,600 reduced, 130,000 unpaid (13 §2)', () => {
    const totals = new LedgerTotals();
    totals.add(ledgerLine('A-1', 1, 120_000n, 30_000n));
    totals.add(ledgerLine('A-1', 2, 45_600n, 0n, 5_600n));
    const amounts = {
      lines: 2,
      assessed: 165_600n,
      paid: 30_000n,
      reduced: 5_600n,
      unpaid: 130_000n,
      lateChargeFixed: 0n,
      fees: 200n,
    };
    const perCaseSha256 = sha256Hex(caseTotalsText({ caseNo: 'A-1', ...amounts }));
    expect(totals.end()).toEqual({ cases: 1, ...amounts, perCaseSha256 });
    expect(caseTotalsText({ caseNo: 'A-1', ...amounts })).toBe('A-1,2,165600,30000,5600,130000,0,200\n');
  });

  test('differ when money moves from one case to another', () => {
    const totalsOf = (...amounts: bigint[]) => {
      const totals = new LedgerTotals();
      for (const [at, amount] of amounts.entries()) totals.add(ledgerLine(`A-${at}`, 1, amount));
      return totals.end();
    };
    expect(totalsOf(100n, 200n).assessed).toBe(totalsOf(200n, 100n).assessed);
    expect(sameTotals(totalsOf(100n, 200n), totalsOf(200n, 100n))).toBe(false);
    expect(sameTotals(totalsOf(100n, 200n), totalsOf(100n, 200n))).toBe(true);
  });

  test.each([
    ['unpaid', [{ ...ledgerLine('A-1', 1, 100n), unpaid: 99n }]],
    ['line numbers', [ledgerLine('A-1', 1, 100n), ledgerLine('A-1', 1, 100n)]],
    ['case numbers', [ledgerLine('B-1', 1, 100n), ledgerLine('A-1', 1, 100n)]],
  ])('refuse a ledger whose %s are not as they must be', (fault, rows) => {
    const totals = new LedgerTotals();
    const refusal = thrown(() => rows.forEach((row) => totals.add(row)));
    expect(refusal).toMatchObject({ code: 'FILE_REJECTED' });
    expect(refusal.message).toContain(fault);
  });

  test('list each case once', () => {
    const cases = new PackageCases();
    cases.add('A-1');
    expect(thrown(() => cases.add('A-1')).code).toBe('FILE_REJECTED');
    expect(cases.has('A-1')).toBe(true);
  });

  test('of collections refuse parts that do not make up the amount', () => {
    const totals = new CollectionTotals();
    const row = { caseNo: 'A-1', lineNo: 1, collectedOn: '2026-11-20', amount: 1_000n, tax: 800n };
    totals.add({ ...row, lateCharge: 150n, fees: 50n, dispositionCost: 0n });
    expect(totals.end()).toMatchObject({ collections: 1, amount: 1_000n, tax: 800n });
    expect(thrown(() => totals.add({ ...row, lateCharge: 0n, fees: 0n, dispositionCost: 0n })).code).toBe(
      'FILE_REJECTED',
    );
  });
});

describe('the content of a package', () => {
  const taxpayers = (...cases: string[]) => file('01_taxpayer.csv', cases.map(taxpayer));
  const ledger = (...cases: string[]) =>
    file(
      '03_ledger.csv',
      cases.map((caseNo) => ledgerLine(caseNo, 1, 100n)),
    );
  const contact = {
    at: '2026-11-20T01:00:00Z',
    channel: '電話',
    counterpart: null,
    summary: '不在',
    promise: null,
  };
  const contacts = (caseNo: string) =>
    file('05_contacts.csv', [{ caseNo, ...contact, staffUnit: '収納推進課' }]);

  test('is read file by file: cases, totals, sizes, digests', () => {
    const check = new ContentCheck('TRANSFER');
    const files = [taxpayers('A-1', 'A-2'), ledger('A-1', 'A-2'), ['attachments/A-1.pdf', 'copy'] as const];
    const told = files.map((one) => pass(check, one));
    expect(told.map(({ rows }) => rows)).toEqual([2, 2, 0]);
    expect(told[2]).toMatchObject({ bytes: 4, sha256: sha256Hex('copy') });
    expect(check.end()).toMatchObject({ cases: 2, totals: { lines: 2, assessed: 200n } });
  });

  test.each([
    ['a file that names a case of no list', [taxpayers('A-1'), ledger('A-1'), contacts('A-2')]],
    ['a case without a line', [taxpayers('A-1', 'A-2'), ledger('A-1')]],
    ['rows out of order', [taxpayers('A-1', 'A-2'), ledger('A-2', 'A-1')]],
    ['no list of cases', [ledger('A-1')]],
    ['no ledger', [taxpayers('A-1')]],
    ['a file of no layout', [taxpayers('A-1'), ledger('A-1'), ['12_more.csv', 'x\n'] as const]],
    [
      'a file of the other direction',
      [taxpayers('A-1'), ledger('A-1'), ['22_collections.csv', 'x\n'] as const],
    ],
  ])('with %s is refused', (_, files) => {
    const check = new ContentCheck('TRANSFER');
    const refusal = thrown(() => {
      files.forEach((one) => pass(check, one));
      check.end();
    });
    expect(refusal.code).toBe('FILE_REJECTED');
  });
});

function file<F extends keyof typeof TRANSFER_LAYOUT>(
  name: F,
  rows: readonly object[],
): readonly [F, string] {
  const columns = TRANSFER_LAYOUT[name];
  return [name, heading(columns) + rowsText(name, columns, rows as never, 1)];
}

function pass(check: ContentCheck, [name, text]: readonly [string, string]) {
  const passing = check.begin(name);
  passing.push(Buffer.from(text));
  return passing.end();
}
