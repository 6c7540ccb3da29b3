import { describe, expect, test } from 'vitest';
import {
  assertCancellable,
  assertDecidable,
  assertStayable,
  type StayableLine,
  type StayGroundWord,
} from '../../../src/collection/stay/stay.js';
import { STAY_LEVIES_MAX } from '../../../src/kernel/limits.js';

const TODAY = '2026-11-02';
const NOTHING = { tax: 0n, reminderFee: 0n, lateCharge: 0n, penalty: 0n, dispositionCost: 0n };

function line(change: Partial<StayableLine> = {}): StayableLine {
  return {
    levyId: 1n,
    addresseeNo: 'A1',
    dueOn: '2025-06-30',
    outstanding: { ...NOTHING, tax: 10_000n },
    limitation: { startsOn: '2025-07-01', completesOn: '2030-06-30', isHeld: false, renewals: [] },
    isStayed: false,
    isSeized: false,
    isProposed: false,
    isHandedOver: false,
    isUntold: false,
    ...change,
  };
}

function refusal(change: Partial<StayableLine>, ground: StayGroundWord = 'noProperty'): unknown {
  try {
    assertStayable(ground, [1n], 'A1', [line(change)], TODAY);
    return undefined;
  } catch (error) {
    const { code, message, facts } = error as { code: string; message: string; facts: { field: string } };
    return `${code} ${facts.field}: ${message}`;
  }
}

describe('a line', () => {
  test('that is due and unpaid may be stayed, also for a charge alone', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ outstanding: { ...NOTHING, tax: -100n, lateCharge: 100n } })).toBeUndefined();
  });

  test('that the organization has had may be stayed, though its limitation seems complete', () => {
    const limitation = { ...line().limitation, completesOn: '2026-11-01' };
    expect(refusal({ limitation, isUntold: true })).toBeUndefined();
  });

  test.each<[string, Partial<StayableLine>, RegExp]>([
    ['in a proposal', { isProposed: true }, /nobody has decided/],
    ['with the organization', { isHandedOver: true }, /collection organization/],
    ['stayed already', { isStayed: true }, /has a stay already/],
    ['due today', { dueOn: TODAY }, /not due yet/],
    ['that owes nothing', { outstanding: { ...NOTHING, tax: -1n } }, /owes nothing/],
    [
      'extinguished today',
      { limitation: { ...line().limitation, completesOn: '2026-11-01' } },
      /limitation of a line is complete/,
    ],
    ['under a seizure', { isSeized: true }, /under a seizure/],
  ])('%s is not', (_, change, message) => {
    expect(refusal(change)).toMatch(message);
    expect(refusal(change)).toMatch(/^CONFLICT levyIds/);
  });

  test('under a seizure may be for distress, which is a ground to release it (15条の7③)', () => {
    expect(refusal({ isSeized: true }, 'livingInDistress')).toBeUndefined();
    expect(refusal({ isSeized: true }, 'whereaboutsUnknown')).toMatch(/under a seizure/);
  });

  test('whose limitation a seizure holds is owed still', () => {
    const limitation = { ...line().limitation, completesOn: '2026-11-01', isHeld: true };
    expect(refusal({ limitation, isSeized: true }, 'livingInDistress')).toBeUndefined();
  });

  test('of somebody else, or unknown, is not found', () => {
    expect(refusal({ addresseeNo: 'A2' })).toMatch(/^NOT_FOUND levyIds/);
    expect(() => assertStayable('noProperty', [1n, 2n], 'A1', [line()], TODAY)).toThrow(
      /none of this person/,
    );
  });
});

test.each([[[]], [[1n, 1n]], [Array.from({ length: STAY_LEVIES_MAX + 1 }, (_, at) => BigInt(at + 1))]])(
  'lines are named, each once and not too many',
  (levyIds) => {
    expect(() => assertStayable('noProperty', levyIds, 'A1', [line()], TODAY)).toThrow(/each once/);
  },
);

test('a decision is another person’s, and one', () => {
  expect(() => assertDecidable({ proposerPerson: 'P1', outcome: undefined }, 'P2')).not.toThrow();
  expect(() => assertDecidable({ proposerPerson: 'P1', outcome: undefined }, 'P1')).toThrow(/Another person/);
  expect(() => assertDecidable({ proposerPerson: 'P1', outcome: 'rejected' }, 'P2')).toThrow(
    /decided already/,
  );
});

test('a stay is cancelled once, and not when three years have extinguished the line', () => {
  const stay = { decidedOn: '2024-02-29', isCancelled: false };
  expect(() => assertCancellable(stay, '2027-02-28')).not.toThrow();
  expect(() => assertCancellable(stay, '2027-03-01')).toThrow(/three years/);
  expect(() => assertCancellable({ ...stay, isCancelled: true }, TODAY)).toThrow(/cancelled already/);
});
