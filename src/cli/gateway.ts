import { readGatewayConfiguration } from '../config/gateway.js';
import { startGateway } from '../gateway/start.js';

/** Message to a parent process once the gateway listens. */
export interface ReadyMessage {
  readonly ready: string;
}

/** Runs the gateway until it is told to stop. */
export async function runGateway(environment: NodeJS.ProcessEnv): Promise<void> {
  const gateway = await startGateway(readGatewayConfiguration(environment));
  const reload = () => gateway.reloadTls();
  process.on('SIGHUP', reload);
  await runUntilStopped(gateway);
  process.off('SIGHUP', reload);
}

/** What runs until it is told to stop. */
export interface Running {
  readonly address: string;
  stop(): Promise<void>;
}

/** Says where something listens, and stops it when the process is told to; a second signal does not wait. */
export async function runUntilStopped(running: Running): Promise<void> {
  process.send?.({ ready: running.address } satisfies ReadyMessage);
  await new Promise<void>((resolve) => {
    const stop = () => resolve();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    // The parent is gone without a word: nobody is left who could stop us.
    process.once('disconnect', stop);
  });
  await running.stop();
  // The channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}
