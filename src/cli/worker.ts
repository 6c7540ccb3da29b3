import { readWorkerConfiguration } from '../config/worker.js';
import { startWorker } from '../worker/start.js';
import { runUntilStopped } from './untilStopped.js';

/** Runs the worker until it is told to stop. */
export async function runWorker(environment: NodeJS.ProcessEnv): Promise<void> {
  await runUntilStopped(await startWorker(readWorkerConfiguration(environment)));
}
