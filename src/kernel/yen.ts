/** Whole yen. Never a float; negative in reversals only. */
export type Yen = bigint;

/**
 * Largest amount a column may hold, in yen. JSON built by PostgreSQL and read by JavaScript is exact only to 2^53 − 1;
 * every amount column carries a CHECK with this bound.
 */
export const YEN_MAX = 9_007_199_254_740_991n;

/** The smaller of two amounts. */
export function minYen(a: Yen, b: Yen): Yen {
  return a < b ? a : b;
}

/** The larger of two amounts. */
export function maxYen(a: Yen, b: Yen): Yen {
  return a > b ? a : b;
}

/** Sum of amounts; 0 for none. */
export function sumYen(amounts: Iterable<Yen>): Yen {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}
