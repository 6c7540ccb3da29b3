import { KuramoriError } from '../../kernel/errors.js';

/** Rates of one calendar year in tenths of a percent: 2.4 % is 24 (handbook 02 §3). */
export interface YearlyRate {
  /** Late charge until the end of the low-rate period. */
  readonly lowTenths: number;
  /** Late charge after it. */
  readonly highTenths: number;
  /** 猶予特例基準割合, which is also the rate of refund interest. */
  readonly graceTenths: number;
}

/** Registered rates by calendar year. */
export type RateTable = ReadonlyMap<number, YearlyRate>;

/**
 * The rates of a year. A year that is not registered is an error, never the last year again (handbook 02 §3).
 * @throws KuramoriError RATE_MISSING
 */
export function rateOf(rates: RateTable, year: number): YearlyRate {
  const rate = rates.get(year);
  if (rate === undefined) {
    throw new KuramoriError(
      'RATE_MISSING',
      `No late charge rate is registered for ${year}. Register it first.`,
      { year },
    );
  }
  return rate;
}
