import fc from 'fast-check';

/** Every number as likely: the percentages of the generator are meant. */
const evenly = (min: number, max: number) => fc.noBias(fc.integer({ min, max }));

/** Draws from one run's randomness: the same seed and path give the same draws. */
export class Draw {
  readonly #value: fc.GeneratorValue;

  constructor(value: fc.GeneratorValue) {
    this.#value = value;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return this.#value(evenly, min, max);
  }

  /** True in so many of a hundred. */
  chance(percent: number): boolean {
    return this.int(0, 99) < percent;
  }

  /** One of a list that is not empty. */
  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error('Nothing to pick from.');
    return values[this.int(0, values.length - 1)] as T;
  }

  /** Some of a list, in its order. */
  some<T>(values: readonly T[], percent: number): T[] {
    return values.filter(() => this.chance(percent));
  }
}
