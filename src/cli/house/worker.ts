import { environmentOf } from './environment.js';
import { startProcess, type HouseProcess } from './process.js';

/**
 * Starts the worker as a process of its own.
 * @param forWorker settings with which it reaches the vault of the house
 * @throws KuramoriError TIMEOUT, CONFIGURATION_INVALID when it did not start
 */
export function startHouseWorker(
  environment: NodeJS.ProcessEnv,
  recordsUrl: string,
  forWorker: NodeJS.ProcessEnv,
): Promise<HouseProcess> {
  return startProcess({
    name: 'worker',
    argument: 'worker',
    environment: {
      // Nothing of the house has to know where: any port that is free.
      KURAMORI_WORKER_PORT: '0',
      KURAMORI_WORKER_LOG_LEVEL: 'warn',
      ...environmentOf('worker', environment),
      ...forWorker,
      RECORDS_WORKER_DATABASE_URL: recordsUrl,
    },
  });
}
