import { KuramoriError } from '../../src/kernel/errors.js';
import { progress } from './figure.js';

/** What a round of each side gave. */
export interface Rounds<T> {
  readonly values: readonly T[];
  readonly floors: readonly T[];
}

/**
 * Takes value and floor in turn, the order changing from round to round, so that whatever else the machine does
 * meets both.
 * @param tell what to show of one result
 */
export async function alternate<T>(
  rounds: number,
  value: () => Promise<T>,
  floor: () => Promise<T>,
  tell: (result: T) => string,
): Promise<Rounds<T>> {
  const values: T[] = [];
  const floors: T[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const takeValue = async () => void values.push(await value());
    const takeFloor = async () => void floors.push(await floor());
    const order = round % 2 === 0 ? [takeValue, takeFloor] : [takeFloor, takeValue];
    for (const take of order) await take();
    progress(
      `  round ${round + 1} of ${rounds}: ${told(values, tell)} beside a floor of ${told(floors, tell)}`,
    );
  }
  return { values, floors };
}

/** The middle one; of an even count the lower middle. */
export function median(numbers: readonly number[]): number {
  const middle = numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
  if (middle === undefined) throw new KuramoriError('INTERNAL', 'There is no median of nothing.');
  return middle;
}

/** Milliseconds that work took. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** @throws KuramoriError INTERNAL: what was measured is not what was meant */
export function assertMeasured(holds: boolean, sentence: string): void {
  if (!holds) throw new KuramoriError('INTERNAL', sentence);
}

function told<T>(results: readonly T[], tell: (result: T) => string): string {
  const last = results.at(-1);
  return last === undefined ? '' : tell(last);
}
