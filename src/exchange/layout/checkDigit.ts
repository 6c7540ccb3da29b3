/** Check digit methods by name (handbook 22 §5). Each takes a text of digits and gives one digit. */
export const CHECK_DIGIT_METHODS = {
  /** Weights 3, 1 from the right; GS1 (22 §2.2). */
  mod10w3: (digits: string) => tensComplement(weighted(digits, [3, 1])),
  /** Luhn: weights 2, 1 from the right, digits of products added. */
  mod10w21split: (digits: string) =>
    tensComplement(weighted(digits, [2, 1], (product) => (product > 9 ? product - 9 : product))),
  /** Weights 2, 1 from the right, products added as they are. */
  mod10w21: (digits: string) => tensComplement(weighted(digits, [2, 1])),
  /** Weights 2…7 from the right, repeating; 10 and 11 become 0. */
  mod11w2to7: (digits: string) => {
    const complement = 11 - (weighted(digits, [2, 3, 4, 5, 6, 7]) % 11);
    return complement > 9 ? 0 : complement;
  },
  mod7: (digits: string) => remainder(digits, 7),
  mod9: (digits: string) => remainder(digits, 9),
} as const satisfies Record<string, (digits: string) => number>;

export type CheckDigitMethod = keyof typeof CHECK_DIGIT_METHODS;

/** Whether a text names a method. */
export function isCheckDigitMethod(text: string): text is CheckDigitMethod {
  return Object.hasOwn(CHECK_DIGIT_METHODS, text);
}

function weighted(digits: string, weights: readonly number[], product = (value: number) => value): number {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    sum += product(digit * (weights[place % weights.length] ?? 0));
  }
  return sum;
}

function tensComplement(sum: number): number {
  return (10 - (sum % 10)) % 10;
}

function remainder(digits: string, modulus: number): number {
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % modulus;
  return rest;
}
