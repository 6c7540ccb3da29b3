/** 全国地方公共団体コード: six digits, of which the last is the check digit. */
export type MunicipalityCode = string;

const MUNICIPALITY_CODE = /^[0-9]{6}$/;
const MUNICIPALITY_WEIGHTS = [6, 5, 4, 3, 2] as const;

/**
 * Whether a value is a municipality code with its check digit (handbook 10 §7): the last digit of 11 − (sum mod 11), so
 * remainder 0 gives 1 and remainder 1 gives 0. Not the rule of the individual number.
 */
export function isMunicipalityCode(value: unknown): value is MunicipalityCode {
  if (typeof value !== 'string' || !MUNICIPALITY_CODE.test(value)) return false;
  const sum = MUNICIPALITY_WEIGHTS.reduce(
    (total, weight, at) => total + weight * Number(value.charAt(at)),
    0,
  );
  return Number(value.charAt(5)) === (11 - (sum % 11)) % 10;
}
