/**
 * Loaded into a server before its own program (`node --import`): answers its parent how much memory it holds. The
 * server's program stays as it is.
 */

/** Asks for the memory; `collect` runs the garbage collector first, which takes `--expose-gc`. */
export interface MemoryQuestion {
  readonly memory: 'asIs' | 'collected';
}

/** Bytes. */
export interface MemoryAnswer {
  readonly rss: number;
  readonly heapUsed: number;
}

process.on('message', (question: Partial<MemoryQuestion>) => {
  if (question.memory === undefined) return;
  if (question.memory === 'collected') globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ rss, heapUsed } satisfies MemoryAnswer);
});
