import { readGatewayConfiguration } from '../config/gateway.js';
import { startGateway } from '../gateway/start.js';
import { runUntilStopped } from './untilStopped.js';

/** Runs the gateway until it is told to stop. */
export async function runGateway(environment: NodeJS.ProcessEnv): Promise<void> {
  await runUntilStopped(await startGateway(readGatewayConfiguration(environment)));
}
