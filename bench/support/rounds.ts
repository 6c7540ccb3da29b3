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

/** One of those that are measured beside each other. */
export interface Contender<T> {
  readonly name: string;
  readonly take: () => Promise<T>;
}

/**
 * Takes all in turn; each round begins with the next one, so that nobody is always first.
 * @param tell what to show of one result
 * @returns the results of every round, by name
 */
export async function takeTurns<T>(
  rounds: number,
  contenders: readonly Contender<T>[],
  tell: (result: T) => string,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const results = new Map(contenders.map(({ name }) => [name, [] as T[]]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % contenders.length;
    for (const { name, take } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      results.get(name)?.push(await take());
    }
    const latest = [...results].map(([name, taken]) => `${name} ${told(taken, tell)}`);
    progress(`  round ${round + 1} of ${rounds}: ${latest.join('; ')}`);
  }
  return results;
}

/** The middle one; of an even count the lower middle. */
export function median(numbers: readonly number[]): number {
  const middle = numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
  if (middle === undefined) throw new KuramoriError('INTERNAL', 'There is no median of nothing.');
  return middle;
}

/**
 * The middle of the ratios of each round, both sides of which met the same machine; steadier than the ratio of two
 * middles when the machine has other work.
 */
export function medianRatio(numbers: readonly number[], others: readonly number[]): number {
  return median(numbers.map((number, round) => number / (others[round] ?? Number.NaN)));
}

/** The least number that a share of all is not above. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const found = sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
  if (found === undefined) throw new KuramoriError('INTERNAL', 'There is no percentile of nothing.');
  return found;
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
