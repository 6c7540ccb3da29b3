import { readGatewayConfiguration } from '../config/gateway.js';
import { startGateway } from '../gateway/start.js';

/** Message to a parent process once the gateway listens. */
export interface ReadyMessage {
  readonly ready: string;
}

/** Runs the gateway until it is told to stop. */
export async function runGateway(environment: NodeJS.ProcessEnv): Promise<void> {
  await runUntilStopped(await startGateway(readGatewayConfiguration(environment)));
}

/** What runs until it is told to stop. */
export interface Running {
  readonly address: string;
  /** Looks at its certificate towards the vault now. */
  reloadTls(): void;
  stop(): Promise<void>;
}

/** Says where something listens, and stops it when the process is told to; a second signal does not wait for it. */
export async function runUntilStopped(running: Running): Promise<void> {
  process.send?.({ ready: running.address } satisfies ReadyMessage);
  const reload = () => running.reloadTls();
  process.on('SIGHUP', reload);
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
