/** 個人番号: twelve digits, of which the last is the check digit (検査用数字). */
export const INDIVIDUAL_NUMBER_DIGITS = 12;

/** Qn of ordinance 85 of 2014 of the Ministry of Internal Affairs, art. 5, written from the left. */
const ORDINANCE_85_WEIGHTS = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2] as const;
const ORDINANCE_85_MODULUS = 11;

const ASCII_ZERO = 0x30;

/**
 * The check digit that belongs to the first eleven digits (ordinance 85 of 2014 art. 5; handbook 10 §3.1).
 * Proves typing, not identity: remainders 0 and 1 share the digit 0, so two numbers one digit apart can both be valid.
 * @param digits ASCII digits, at least eleven; what follows the eleventh is not read
 * @returns 0 to 9
 */
export function checkDigit(digits: Uint8Array): number {
  const sum = ORDINANCE_85_WEIGHTS.reduce(
    (total, weight, at) => total + weight * ((digits[at] ?? Number.NaN) - ASCII_ZERO),
    0,
  );
  const remainder = sum % ORDINANCE_85_MODULUS;
  return remainder <= 1 ? 0 : ORDINANCE_85_MODULUS - remainder;
}

/** Whether the twelfth ASCII digit is the check digit of the first eleven. */
export function hasValidCheckDigit(digits: Uint8Array): boolean {
  return digits[INDIVIDUAL_NUMBER_DIGITS - 1] === checkDigit(digits) + ASCII_ZERO;
}
