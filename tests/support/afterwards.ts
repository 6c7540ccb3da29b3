import { afterAll, onTestFinished, TestRunner } from 'vitest';

/**
 * Ends what was begun when whoever asked for it is over: the test that runs, else the file. `afterAll` alone is never
 * run when it is called in a test.
 */
export function afterwards(end: () => unknown): void {
  const ending = async () => {
    await end();
  };
  if (TestRunner.getCurrentTest() === undefined) afterAll(ending);
  else onTestFinished(ending);
}
