import type { BenchHouse } from './house.js';

/** What a figure's value must keep to: at most, or at least, so much of its unit. */
export type Limit = { readonly most: number } | { readonly least: number };

/**
 * One figure beside the floor measured in the same run on the same data, where there is one. `ratio` is value ÷ floor;
 * `peers` holds the same figure of other stacks, `parts` the same figure of what it is made of, by name, taken in this
 * run.
 */
export interface FigureLine {
  /** Dotted name, e.g. `receipts.load`. */
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly floor?: number;
  /** The bound of the value, where one was promised; the line then says whether it is kept. */
  readonly limit?: Limit;
  readonly peers?: Readonly<Record<string, number>>;
  readonly parts?: Readonly<Record<string, number>>;
}

/** Measures one thing; what belongs together (a rate, its percentiles) comes as several lines. */
export type Figure = (house: BenchHouse) => Promise<readonly FigureLine[]>;

const SIGNIFICANT_DIGITS = 4;

/** Writes one line of JSON to standard output. */
export function writeFigure({ figure, value, unit, floor, limit, peers = {}, parts }: FigureLine): void {
  const line = {
    figure,
    value: rounded(value),
    unit,
    ...(floor === undefined ? {} : { floor: rounded(floor), ratio: rounded(value / floor) }),
    ...(limit === undefined ? {} : { limit, kept: keeps(value, limit) }),
    peers: roundedAll(peers),
    ...(parts === undefined ? {} : { parts: roundedAll(parts) }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Tells a person how far the measurement is. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function keeps(value: number, limit: Limit): boolean {
  return 'most' in limit ? value <= limit.most : value >= limit.least;
}

function roundedAll(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));
}

function rounded(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
