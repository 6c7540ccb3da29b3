import type { BenchHouse } from './house.js';

/**
 * One figure beside the floor measured in the same run on the same data. `ratio` is value ÷ floor; `peers` holds the
 * same figure of other stacks, by name, where it was taken in this run.
 */
export interface FigureLine {
  /** Dotted name, e.g. `receipts.load`. */
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly peers?: Readonly<Record<string, number>>;
}

/** Measures one thing; what belongs together (a rate, its percentiles) comes as several lines. */
export type Figure = (house: BenchHouse) => Promise<readonly FigureLine[]>;

const SIGNIFICANT_DIGITS = 4;

/** Writes one line of JSON to standard output. */
export function writeFigure({ figure, value, unit, floor, peers = {} }: FigureLine): void {
  const line = {
    figure,
    value: rounded(value),
    unit,
    floor: rounded(floor),
    ratio: rounded(value / floor),
    peers,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Tells a person how far the measurement is. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function rounded(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
