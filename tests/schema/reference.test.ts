import { describe, expect, test } from 'vitest';
import { plainDate, Temporal, type PlainDate } from '../../src/kernel/dates.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();
const FIRST_YEAR = 2023;
const LAST_YEAR = 2027;

/** Equinoxes are announced year by year; these are the announced days of March and September. */
const EQUINOXES: Record<number, [number, number]> = {
  2023: [21, 23],
  2024: [20, 22],
  2025: [20, 23],
  2026: [20, 23],
  2027: [21, 23],
};

const SUNDAY = 7;

function day(year: number, month: number, dayOfMonth: number): PlainDate {
  return Temporal.PlainDate.from({ year, month, day: dayOfMonth });
}

function monday(year: number, month: number, nth: number): PlainDate {
  const first = day(year, month, 1);
  return first.add({ days: ((8 - first.dayOfWeek) % 7) + 7 * (nth - 1) });
}

/** 国民の祝日に関する法律 2条, then 3条2項 (substitute) and 3条3項 (a day between two holidays). */
function holidaysByLaw(year: number): Map<string, string> {
  const [spring, autumn] = EQUINOXES[year]!;
  const named: [PlainDate, string][] = [
    [day(year, 1, 1), '元日'],
    [monday(year, 1, 2), '成人の日'],
    [day(year, 2, 11), '建国記念の日'],
    [day(year, 2, 23), '天皇誕生日'],
    [day(year, 3, spring), '春分の日'],
    [day(year, 4, 29), '昭和の日'],
    [day(year, 5, 3), '憲法記念日'],
    [day(year, 5, 4), 'みどりの日'],
    [day(year, 5, 5), 'こどもの日'],
    [monday(year, 7, 3), '海の日'],
    [day(year, 8, 11), '山の日'],
    [monday(year, 9, 3), '敬老の日'],
    [day(year, 9, autumn), '秋分の日'],
    [monday(year, 10, 2), 'スポーツの日'],
    [day(year, 11, 3), '文化の日'],
    [day(year, 11, 23), '勤労感謝の日'],
  ];
  const all = new Map(named.map(([on, name]) => [on.toString(), name]));
  for (const [on] of named.filter(([one]) => one.dayOfWeek === SUNDAY)) {
    let substitute = on.add({ days: 1 });
    while (all.has(substitute.toString())) substitute = substitute.add({ days: 1 });
    all.set(substitute.toString(), '休日');
  }
  for (const [on] of named) {
    const between = on.add({ days: 1 });
    const next = on.add({ days: 2 }).toString();
    const isNamed = named.some(([one]) => one.toString() === next);
    if (isNamed && !all.has(between.toString())) all.set(between.toString(), '休日');
  }
  return all;
}

const holidays = new Map(
  (
    await db.gateway.run(
      'test.holidays',
      ({ raw }) => raw<{ on: string; name: string }[]>`
  select on_day as on, name from records.holiday order by on_day`,
    )
  ).map(({ on, name }) => [on, name]),
);

describe('holidays', () => {
  test.each(Array.from({ length: LAST_YEAR - FIRST_YEAR + 1 }, (_, n) => FIRST_YEAR + n))(
    'of %s are those of the law',
    (year) => {
      const stored = [...holidays].filter(([on]) => on.startsWith(`${year}-`));
      expect(stored).toEqual([...holidaysByLaw(year)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
  );

  test.each([
    ['2025-06-30', '2025-06-30'],
    ['2025-11-30', '2025-12-01'],
    ['2026-02-28', '2026-03-02'],
    ['2025-12-31', '2026-01-05'],
    ['2026-05-03', '2026-05-07'],
    ['2024-08-10', '2024-08-13'],
  ])('with them the examples of handbook 01 §3.1 hold: %s becomes %s', (nominal, effective) => {
    const yearEnd = (on: PlainDate) => (on.month === 12 && on.day >= 29) || (on.month === 1 && on.day <= 3);
    let on = plainDate(nominal);
    while (on.dayOfWeek >= 6 || yearEnd(on) || holidays.has(on.toString())) on = on.add({ days: 1 });
    expect(on.toString()).toBe(effective);
  });
});

describe('rates and tax items', () => {
  test('every year from 1963 to 2026 has one rate; known years have the published ones', async () => {
    const rows = await db.gateway.run(
      'test.rates',
      ({ raw }) => raw<Record<string, number>[]>`
      select year, late_rate_first_tenths as first, late_rate_after_tenths as after, refund_interest_tenths as interest
      from records.yearly_rate order by year`,
    );
    expect(rows.map(({ year }) => year)).toEqual(Array.from({ length: 64 }, (_, n) => 1963 + n));
    const of = (year: number) => rows.find((row) => row['year'] === year);
    expect(of(1999)).toMatchObject({ first: 73, after: 146, interest: 73 });
    expect(of(2014)).toMatchObject({ first: 29, after: 92, interest: 19 });
    expect(of(2021)).toMatchObject({ first: 25, after: 88, interest: 10 });
    expect(of(2025)).toMatchObject({ first: 24, after: 87, interest: 9 });
    expect(of(2026)).toMatchObject({ first: 28, after: 91, interest: 13 });
  });

  test('national health insurance as a tax and as a premium are different families', async () => {
    const rows = await db.gateway.run(
      'test.items',
      ({ raw }) => raw<{ identifier: string; family: string }[]>`
      select identifier, legal_family as family from records.tax_item order by allocation_order`,
    );
    expect(rows.map(({ identifier }) => identifier)).toEqual([
      'residentTaxOrdinary',
      'residentTaxPayroll',
      'residentTaxPension',
      'fixedAssetTax',
      'lightVehicleTax',
      'corporateTax',
      'nhiTax',
      'nhiPremium',
    ]);
    expect(rows.filter(({ family }) => family === 'premium').map(({ identifier }) => identifier)).toEqual([
      'nhiPremium',
    ]);
  });
});
