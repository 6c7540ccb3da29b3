import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longestFirst.js';

export default defineConfig({
  // Node loads graphql by its main entry; the bundler's choice of its module entry would be a second copy.
  resolve: {
    alias: [
      {
        find: /^graphql$/,
        replacement: new URL('./node_modules/graphql/index.js', import.meta.url).pathname,
      },
      {
        find: '@jest/globals',
        replacement: new URL('./tests/support/jestGlobals.ts', import.meta.url).pathname,
      },
    ],
  },
  test: {
    include: ['tests/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    globalSetup: ['tests/support/cluster.ts'],
    setupFiles: ['tests/support/setup.ts'],
    // Files of one worker share what they import: a file has its own database, and no module keeps what a test changed.
    isolate: false,
    // Much of a test is waiting for the database, processes and clocks: a third worker fills what two cores wait.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    server: { deps: { inline: [/@apollo\/server-integration-testsuite/] } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a test waits for may take long on a busy machine; looked for often, it is not waited for in vain.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    coverage: {
      provider: 'v8',
      include: ['src/access/**', 'src/audit/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
