import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lateCharge,
  lowRateEnd,
  TAX_PROFILE,
  type LateChargeInput,
} from '../../../src/collection/charge/lateCharge.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { RATES } from '../fixtures/rates.js';
import { ruleCases } from '../fixtures/ruleCases.js';

interface Span {
  from: string;
  to: string;
}

interface CaseInput {
  tax: number;
  due_date: string;
  paid_date: string;
  earlier_principal_payments?: { date: string; amount: number }[];
  fully_exempt_periods?: Span[];
  grace_periods?: Span[];
  low_rate_last_day?: string;
  low_rate_months?: number;
}

interface CaseExpected {
  charge: number;
  raw_total: number;
  segments: { from: string; to: string; days: number; base: number; rate_percent: string; yen: number }[];
}

const period = ({ from, to }: Span) => ({ from: plainDate(from), to: plainDate(to) });

function read(input: CaseInput): LateChargeInput {
  return {
    tax: BigInt(input.tax),
    dueOn: plainDate(input.due_date),
    paidOn: plainDate(input.paid_date),
    earlierPayments: (input.earlier_principal_payments ?? []).map(({ date, amount }) => ({
      on: plainDate(date),
      amount: BigInt(amount),
    })),
    exempt: (input.fully_exempt_periods ?? []).map(period),
    grace: (input.grace_periods ?? []).map(period),
    ...(input.low_rate_last_day === undefined ? {} : { lowRateEnd: plainDate(input.low_rate_last_day) }),
  };
}

describe('the late charge', () => {
  test.each(ruleCases<CaseInput, CaseExpected>('late_charge'))(
    'is as in $id, term by term',
    ({ input, expected }) => {
      const profile = { ...TAX_PROFILE, lowRateMonths: input.low_rate_months ?? 1 };
      const computed = lateCharge(read(input), RATES, profile);
      expect({ charge: Number(computed.charge), raw_total: Number(computed.rawTotal) }).toEqual({
        charge: expected.charge,
        raw_total: expected.raw_total,
      });
      expect(
        computed.segments.map(({ rateTenths, base, yen, ...days }) => ({
          ...days,
          base: Number(base),
          rate_percent: (rateTenths / 10).toFixed(1),
          yen: Number(yen),
        })),
      ).toEqual(expected.segments);
    },
  );

  test.each([
    [43_000n, '2024-09-30', '2025-01-10', 814n, 0n],
    [56_000n, '2013-12-25', '2014-03-20', 912n, 0n],
  ])('of %d yen due %s paid %s sums to %d and rounds to %d', (tax, due, paid, raw, charge) => {
    const computed = lateCharge({ tax, dueOn: plainDate(due), paidOn: plainDate(paid) }, RATES);
    expect([computed.rawTotal, computed.charge]).toEqual([raw, charge]);
  });

  test('counts from the remaining tax when a part was paid on the due date (P3)', () => {
    const computed = lateCharge(
      {
        tax: 100_000n,
        dueOn: plainDate('2024-07-01'),
        paidOn: plainDate('2024-08-01'),
        earlierPayments: [{ on: plainDate('2024-07-01'), amount: 30_000n }],
      },
      RATES,
    );
    expect(computed.segments.map(({ days, base, yen }) => [days, base, yen])).toEqual([[31, 70_000n, 142n]]);
  });

  test('ends the low rate by the calendar of months (02 §2.1)', () => {
    const ends = [
      ['2025-05-31', '2025-06-30', '2025-08-31'],
      ['2024-07-01', '2024-08-01', '2024-10-01'],
      ['2025-12-25', '2026-01-25', '2026-03-25'],
      ['2025-01-29', '2025-02-28', '2025-04-29'],
      ['2025-01-30', '2025-02-28', '2025-04-30'],
      ['2025-02-28', '2025-03-31', '2025-05-31'],
    ];
    for (const [due = '', one, three] of ends) {
      expect([1, 3].map((months) => lowRateEnd(plainDate(due), months).toString())).toEqual([one, three]);
    }
  });

  test('is refused for a year without a rate, never computed with the last year again', () => {
    const late = { tax: 100_000n, dueOn: plainDate('2026-12-25'), paidOn: plainDate('2027-01-10') };
    expect(() => lateCharge(late, RATES)).toThrow(
      expect.objectContaining({ code: 'RATE_MISSING', facts: { year: 2027 } }),
    );
  });

  test('needs no rate for days that are exempt', () => {
    const exempt = [{ from: plainDate('2027-01-01'), to: plainDate('2027-12-31') }];
    const late = { tax: 100_000n, dueOn: plainDate('2026-12-25'), paidOn: plainDate('2027-01-10'), exempt };
    expect(lateCharge(late, RATES).segments.at(-1)).toMatchObject({ days: 10, rateTenths: 0, yen: 0n });
  });

  test('cuts to yen per rate run, per year or per band, which differ by a few yen (02 §2)', () => {
    const late = { tax: 210_400n, dueOn: plainDate('2020-12-25'), paidOn: plainDate('2024-01-20') };
    const totals = (['perRateRun', 'perYear', 'perBand'] as const).map(
      (truncation) => lateCharge(late, RATES, { ...TAX_PROFILE, truncation }).rawTotal,
    );
    const [perRun = 0n, perYear = 0n, perBand = 0n] = totals;
    expect(perBand).toBeGreaterThanOrEqual(perRun);
    expect(perRun).toBeGreaterThanOrEqual(perYear);
    expect(perBand - perYear).toBeLessThan(6n);
  });
});

const arbitraryLine = fc.record({
  tax: fc.bigInt({ min: 0n, max: 5_000_000n }),
  due: fc.integer({ min: 0, max: 2_000 }),
  late: fc.integer({ min: -10, max: 400 }),
  parts: fc.array(
    fc.record({ day: fc.integer({ min: -20, max: 400 }), amount: fc.bigInt({ min: 1n, max: 1_000_000n }) }),
    { maxLength: 3 },
  ),
});

/** The law's words, day by day in fractions of a yen, without any cut but the one per run of equal days. */
function dayByDay(input: LateChargeInput): bigint {
  const end = lowRateEnd(input.dueOn, 1).toString();
  let total = 0n;
  let run = { key: '', numerator: 0n };
  const close = () => {
    total += run.numerator / 365_000n;
  };
  for (
    let day = input.dueOn.add({ days: 1 });
    day.toString() <= input.paidOn.toString();
    day = day.add({ days: 1 })
  ) {
    const iso = day.toString();
    const paid = (input.earlierPayments ?? [])
      .filter(({ on }) => on.toString() < iso)
      .reduce((sum, { amount }) => sum + amount, 0n);
    const remaining = input.tax - paid;
    const base = remaining < 2_000n ? 0n : (remaining / 1_000n) * 1_000n;
    const rate = RATES.get(day.year);
    const low = iso <= end;
    const tenths = (low ? rate?.lowTenths : rate?.highTenths) ?? 0;
    const key = `${base}/${tenths}/${low}`;
    if (key !== run.key) {
      close();
      run = { key, numerator: 0n };
    }
    run.numerator += base * BigInt(tenths);
  }
  close();
  return total;
}

test('the late charge agrees with counting day by day', () => {
  fc.assert(
    fc.property(arbitraryLine, ({ tax, due, late, parts }) => {
      const dueOn = plainDate('2020-01-01').add({ days: due });
      const input = {
        tax,
        dueOn,
        paidOn: dueOn.add({ days: late }),
        earlierPayments: parts.map(({ day, amount }) => ({ on: dueOn.add({ days: day }), amount })),
      };
      expect(lateCharge(input, RATES).rawTotal).toBe(dayByDay(input));
    }),
    { numRuns: 150 },
  );
});
