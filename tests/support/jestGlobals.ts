import * as runner from 'vitest';
import { whyNotApplicable } from './apolloNotApplicable.js';

/**
 * What Apollo's integration suite imports from its own runner, given by ours; cases that cannot apply carry their
 * reason.
 */
export { describe, expect, vi as jest } from 'vitest';

type Body = (done: () => void) => unknown;

/** The suite's hooks may take a callback, which our runner does not give. */
function settled(body: Body): () => Promise<unknown> {
  return async () =>
    body.length > 0 ? new Promise<void>((resolve) => void body(resolve)) : body(() => undefined);
}

export const afterAll = (body: Body): void => runner.afterAll(settled(body));
export const afterEach = (body: Body): void => runner.afterEach(settled(body));
export const beforeAll = (body: Body): void => runner.beforeAll(settled(body));
export const beforeEach = (body: Body): void => runner.beforeEach(settled(body));

/** Declares a case of the suite, or skips it with the reason in its name. */
export const it = Object.assign(
  (name: string, body: Body, timeoutMs?: number): void => {
    const reason = whyNotApplicable(name);
    if (reason === undefined) runner.test(name, settled(body), timeoutMs);
    else runner.test.skip(`${name} (not applicable: ${reason})`, () => undefined);
  },
  { each: runner.test.each.bind(runner.test), skip: runner.test.skip },
);

export { it as test };
