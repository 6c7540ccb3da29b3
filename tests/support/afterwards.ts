import { onTestFinished, TestRunner } from 'vitest';

type End = () => unknown;

/** What has been begun and is to be ended. */
export class Ends {
  readonly #ends: End[] = [];

  add(end: End): void {
    this.#ends.push(end);
  }

  /**
   * Ends it, the last first. What cannot be ended keeps nothing else from its end.
   * @throws AggregateError of what failed
   */
  async all(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0).toReversed()) {
      try {
        await end();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'What a test began could not be ended.');
  }
}

/** Of the file whose tests run; `setup.ts` ends it. */
export const ofFile = new Ends();

/**
 * Ends what was begun when whoever asked for it is over: the test that runs, else the file. `afterAll` is heard only
 * while a file is read: called in a test or in `beforeAll`, it is never run.
 */
export function afterwards(end: End): void {
  if (TestRunner.getCurrentTest() === undefined) ofFile.add(end);
  else
    onTestFinished(async () => {
      await end();
    });
}

/** As `afterwards`, for what a test begins and later tests of its file go on with. */
export function afterFile(end: End): void {
  ofFile.add(end);
}
