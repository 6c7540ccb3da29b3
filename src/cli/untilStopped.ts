import { flushCompileCache } from 'node:module';

/** Message to a parent process once a process listens. */
export interface ReadyMessage {
  readonly ready: string;
}

/** What runs until it is told to stop. */
export interface Running {
  readonly address: string;
  /** Looks at its certificates now; missing where they are read at start only. */
  reloadTls?(): void;
  stop(): Promise<void>;
}

/** Says where something listens, and stops it when the process is told to; a second signal does not wait for it. */
export async function runUntilStopped(running: Running): Promise<void> {
  process.send?.({ ready: running.address } satisfies ReadyMessage);
  // Where Node keeps what it compiles, it would else do so at an orderly end alone.
  flushCompileCache();
  const reload = () => running.reloadTls?.();
  // Whoever has nothing to look at ends with the terminal, as any other program.
  if (running.reloadTls) process.on('SIGHUP', reload);
  await new Promise<void>((resolve) => {
    const stop = () => resolve();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    // The parent is gone without a word: nobody is left who could stop us.
    process.once('disconnect', stop);
  });
  await running.stop();
  process.off('SIGHUP', reload);
  // The channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}
