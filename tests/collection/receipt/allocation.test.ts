import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allocateAcross,
  allocatePrinted,
  DEFAULT_COMPONENT_ORDER,
  NOTHING,
  type AcrossPolicy,
  type AllocatableLine,
  type Component,
} from '../../../src/collection/receipt/allocation.js';
import { sumYen } from '../../../src/kernel/yen.js';
import { ruleCases } from '../fixtures/ruleCases.js';

interface CaseLevy {
  id?: string;
  due?: string;
  tax: number;
  reminder_fee: number;
  late_charge: number;
}
interface CaseInput {
  policy?: string;
  levy?: CaseLevy;
  levies?: CaseLevy[];
  received: number;
}

interface NamedLine extends AllocatableLine {
  readonly id: string;
}

function lineOf(levy: CaseLevy): NamedLine {
  return {
    id: levy.id ?? 'one',
    dueOn: levy.due ?? '2025-06-30',
    taxItemOrder: 1,
    instalmentNo: 1,
    outstanding: {
      ...NOTHING,
      tax: BigInt(levy.tax),
      reminderFee: BigInt(levy.reminder_fee),
      lateCharge: BigInt(levy.late_charge),
    },
  };
}

const SHORT: Record<string, string> = { tax: 'tax', reminderFee: 'reminder_fee', lateCharge: 'late_charge' };

function allocate(lines: readonly NamedLine[], received: number, across: AcrossPolicy) {
  const { applied, rest } = allocateAcross(lines, BigInt(received), {
    componentOrder: DEFAULT_COMPONENT_ORDER,
    across,
  });
  const byLine: Record<string, Record<string, number>> = {};
  for (const { id } of lines) byLine[id] = { tax: 0, reminder_fee: 0, late_charge: 0 };
  for (const { line, component, amount } of applied)
    byLine[line.id]![SHORT[component] ?? component] = Number(amount);
  return { byLine, rest: Number(rest) };
}

describe('the order of allocation', () => {
  test.each(ruleCases<CaseInput, Record<string, unknown>>('allocation'))(
    'is as in $id',
    ({ input, expected }) => {
      const lines = (input.levies ?? [input.levy as CaseLevy]).map(lineOf);
      const { byLine, rest } = allocate(
        lines,
        input.received,
        input.policy?.startsWith('every tax') ? 'taxFirst' : 'perLine',
      );
      if (input.levy === undefined) expect(byLine).toEqual(expected);
      else expect({ ...byLine['one'], overpaid: rest }).toEqual(expected);
    },
  );

  const one = [lineOf({ tax: 40_000, reminder_fee: 100, late_charge: 1_800 })];
  const two = [
    lineOf({ id: 'B', due: '2023-08-31', tax: 10_000, reminder_fee: 100, late_charge: 500 }),
    lineOf({ id: 'A', due: '2023-06-30', tax: 10_000, reminder_fee: 100, late_charge: 700 }),
  ];

  test.each([
    [15_000, { tax: 15_000, reminder_fee: 0, late_charge: 0 }],
    [40_050, { tax: 40_000, reminder_fee: 50, late_charge: 0 }],
    [41_900, { tax: 40_000, reminder_fee: 100, late_charge: 1_800 }],
  ])('within a line gives %d yen to tax, fee, charge (01 §5 table)', (received, expected) => {
    expect(allocate(one, received, 'perLine').byLine['one']).toEqual(expected);
  });

  test('across lines fills the oldest line wholly (01 §5 no. 5)', () => {
    expect(allocate(two, 15_000, 'perLine').byLine).toEqual({
      A: { tax: 10_000, reminder_fee: 100, late_charge: 700 },
      B: { tax: 4_200, reminder_fee: 0, late_charge: 0 },
    });
  });

  test('across lines fills every tax first when chosen (01 §5 no. 6)', () => {
    expect(allocate(two, 20_350, 'taxFirst').byLine).toEqual({
      A: { tax: 10_000, reminder_fee: 100, late_charge: 150 },
      B: { tax: 10_000, reminder_fee: 100, late_charge: 0 },
    });
  });

  test('breaks a tie of due dates by tax item, then instalment', () => {
    const tied = [
      { ...one[0]!, id: 'third', taxItemOrder: 2 },
      { ...one[0]!, id: 'second', instalmentNo: 2 },
      { ...one[0]!, id: 'first' },
    ];
    const { applied } = allocateAcross(tied, 1_000_000n, { componentOrder: ['tax'], across: 'perLine' });
    expect(applied.map(({ line }) => line.id)).toEqual(['first', 'second', 'third']);
  });
});

describe('a slip with a printed breakdown', () => {
  const owes = { ...NOTHING, tax: 10_000n, lateCharge: 1_000n, reminderFee: 100n };

  test('is applied as printed', () => {
    expect(allocatePrinted(owes, { tax: 10_000n, lateCharge: 1_000n }, DEFAULT_COMPONENT_ORDER)).toEqual({
      applied: { ...NOTHING, tax: 10_000n, lateCharge: 1_000n },
      rest: 0n,
    });
  });

  test('gives its late charge to the tax while tax remains', () => {
    expect(allocatePrinted(owes, { tax: 9_500n, lateCharge: 700n }, DEFAULT_COMPONENT_ORDER)).toEqual({
      applied: { ...NOTHING, tax: 10_000n, lateCharge: 200n },
      rest: 0n,
    });
  });

  test('fills the other components with what it designates too much', () => {
    expect(allocatePrinted(owes, { tax: 10_500n, lateCharge: 0n }, DEFAULT_COMPONENT_ORDER)).toEqual({
      applied: { ...NOTHING, tax: 10_000n, reminderFee: 100n, lateCharge: 400n },
      rest: 0n,
    });
  });

  test('takes nothing for a component that a decrease left below zero', () => {
    const decreased = { ...NOTHING, tax: -500n, lateCharge: 300n };
    expect(allocatePrinted(decreased, { tax: 400n, lateCharge: 0n }, DEFAULT_COMPONENT_ORDER)).toEqual({
      applied: { ...NOTHING, lateCharge: 300n },
      rest: 100n,
    });
  });
});

const yenUpTo = (max: bigint) => fc.bigInt({ min: 0n, max });
const outstanding = fc.record({
  tax: yenUpTo(50_000n),
  reminderFee: yenUpTo(200n),
  lateCharge: yenUpTo(3_000n),
  penalty: yenUpTo(500n),
  dispositionCost: yenUpTo(900n),
});

test('no yen is lost and no component is filled above what it owes', () => {
  fc.assert(
    fc.property(outstanding, yenUpTo(60_000n), yenUpTo(4_000n), (owes, tax, lateCharge) => {
      const { applied, rest } = allocatePrinted(owes, { tax, lateCharge }, DEFAULT_COMPONENT_ORDER);
      expect(sumYen(Object.values(applied)) + rest).toBe(tax + lateCharge);
      for (const component of Object.keys(owes) as Component[]) {
        expect(applied[component]).toBeGreaterThanOrEqual(0n);
        expect(applied[component]).toBeLessThanOrEqual(owes[component]);
      }
      if (applied.lateCharge > 0n) expect(applied.tax).toBe(owes.tax);
      if (rest > 0n) expect(applied).toEqual(owes);
    }),
  );
});
