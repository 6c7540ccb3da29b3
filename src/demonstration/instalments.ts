import { sumYen, type Yen } from '../kernel/yen.js';

/**
 * Splits a year's tax into instalments: equal ones in whole units, what is left over goes to the first
 * (端数は最初の期別に合算, 地方税法20条の4の2⑥). A tax too small for a unit in each is due in one instalment.
 * @param unit yen; 1,000 by the Act, 100 where the ordinance says so
 */
export function splitIntoInstalments(total: Yen, count: number, unit: Yen): readonly Yen[] {
  const each = (total / BigInt(count) / unit) * unit;
  if (each === 0n) return [total];
  const rest = Array.from({ length: count - 1 }, () => each);
  return [total - sumYen(rest), ...rest];
}
