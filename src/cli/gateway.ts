import { readGatewayConfiguration } from '../config/gateway.js';
import { startGateway } from '../gateway/start.js';

/** Message to a parent process once the gateway listens. */
export interface ReadyMessage {
  readonly ready: string;
}

/** Runs the gateway until it is told to stop; a second signal does not wait. */
export async function runGateway(environment: NodeJS.ProcessEnv): Promise<void> {
  const gateway = await startGateway(readGatewayConfiguration(environment));
  process.send?.({ ready: gateway.address } satisfies ReadyMessage);
  const reload = () => gateway.reloadTls();
  process.on('SIGHUP', reload);
  await new Promise<void>((resolve) => {
    const stop = () => resolve();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    // The parent is gone without a word: nobody is left who could stop us.
    process.once('disconnect', stop);
  });
  await gateway.stop();
  process.off('SIGHUP', reload);
  // The channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}
