/**
 * The pause before another attempt: the first, doubled with each failure.
 * @param firstMs pause after the first failure
 * @param failures in a row, from 1
 * @param mostMs longest pause
 * @returns milliseconds
 */
export function doubled(firstMs: number, failures: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
}
