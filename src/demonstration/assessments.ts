import type { Yen } from '../kernel/yen.js';
import type { Household, Resident } from './households.js';
import { fiscalYear, type Assessment } from './levies.js';
import type { Random } from './random.js';
import { nhiItem } from './taxItems.js';

/** 軽自動車税(種別割) by kind of vehicle, yen a year. */
const VEHICLE_TAXES: readonly (readonly [Yen, number])[] = [
  [10_800n, 60],
  [7_200n, 12],
  [12_900n, 10],
  [5_000n, 10],
  [2_000n, 5],
  [6_000n, 3],
];
const WORKING_AGE = { from: 20, to: 64 } as const;

/** Fiscal years the demonstration shows. */
export interface Years {
  readonly first: number;
  readonly last: number;
}

/** What one year's tax is from the base year's: up to a tenth more or less, in hundreds of yen. */
function drift(random: Random, base: Yen): Yen {
  return ((base * BigInt(random.between(90, 110))) / 10_000n) * 100n;
}

/** One assessment a year of an item, from the year in which somebody came. */
export function yearly(
  random: Random,
  years: Years,
  facts: { readonly item: Assessment['item']; readonly addresseeNo: string; readonly base: Yen },
): Assessment[] {
  const { item, addresseeNo, base } = facts;
  const made: Assessment[] = [];
  for (let year = years.first; year <= years.last; year += 1) {
    const total = item === 'lightVehicleTax' ? base : drift(random, base);
    made.push({ item, year, addresseeNo, total });
  }
  return made;
}

/** 国保: premium (料) in the first of the municipality's years, tax (税) since; the householder owes it. */
export function nhiAssessments(
  random: Random,
  years: Years,
  shown: Years,
  addresseeNo: string,
): Assessment[] {
  const base = random.weighted([
    [random.yen(16_800, 60_000, 100), 30],
    [random.yen(60_000, 260_000, 100), 55],
    [random.yen(260_000, 650_000, 100), 15],
  ] as const);
  return yearly(random, years, { item: 'nhiTax', addresseeNo, base }).map((assessment) => ({
    ...assessment,
    item: nhiItem(assessment.year, shown.first),
  }));
}

/** Everything levied on a resident of a household, land and buildings apart. */
export function residentAssessments(
  random: Random,
  household: Household,
  resident: Resident,
  shown: Years,
): Assessment[] {
  if (resident.age < WORKING_AGE.from) return [];
  const years = { first: Math.max(shown.first, fiscalYear(household.knownFrom)), last: shown.last };
  const { addresseeNo } = resident;
  const made: Assessment[] = [];
  const income = incomeOf(random, resident.age);
  if (income === 'own')
    made.push(
      ...yearly(random, years, { item: 'residentTaxOrdinary', addresseeNo, base: ownIncomeTax(random) }),
    );
  if (income === 'pension') {
    made.push(
      ...yearly(random, years, {
        item: 'residentTaxPension',
        addresseeNo,
        base: random.yen(6_000, 120_000, 100),
      }),
    );
  }
  const vehicles =
    resident.age < 85 && random.chance(400)
      ? random.weighted([
          [1, 85],
          [2, 13],
          [3, 2],
        ] as const)
      : 0;
  for (let vehicle = 0; vehicle < vehicles; vehicle += 1) {
    made.push(
      ...yearly(random, years, {
        item: 'lightVehicleTax',
        addresseeNo,
        base: random.weighted(VEHICLE_TAXES),
      }),
    );
  }
  if (resident === household.residents[0] && random.chance(income === 'own' ? 620 : 300)) {
    made.push(...nhiAssessments(random, years, shown, addresseeNo));
  }
  return made;
}

type Income = 'own' | 'employed' | 'pension' | 'none';

/** Whether a resident's tax is paid by himself, withheld by an employer, withheld from a pension, or none. */
function incomeOf(random: Random, age: number): Income {
  const working: readonly (readonly [Income, number])[] = [
    ['employed', 66],
    ['own', 22],
    ['none', 12],
  ];
  const old: readonly (readonly [Income, number])[] = [
    ['pension', 55],
    ['own', 20],
    ['none', 25],
  ];
  return random.weighted(age <= WORKING_AGE.to ? working : old);
}

function ownIncomeTax(random: Random): Yen {
  return random.weighted([
    [random.yen(5_500, 40_000, 100), 25],
    [random.yen(40_000, 160_000, 100), 50],
    [random.yen(160_000, 600_000, 100), 22],
    [random.yen(600_000, 3_000_000, 100), 3],
  ] as const);
}

/** 固定資産税・都市計画税 of one owner, yen a year in the base year. */
export function fixedAssetBase(random: Random): Yen {
  return random.weighted([
    [random.yen(12_000, 60_000, 100), 35],
    [random.yen(60_000, 180_000, 100), 50],
    [random.yen(180_000, 700_000, 100), 15],
  ] as const);
}
