import { openDatabase, type Database } from '../../kernel/database/database.js';
import { startHouseDatabase } from './database.js';
import { findRunning, houseHome } from './home.js';
import { houseSecrets } from './secrets.js';

/** Who a command acts as in the database. */
export type DatabaseUser = 'owner' | 'loader';

/**
 * Works on the records database: the one named by RECORDS_DATABASE_URL, that of the running house, or the embedded
 * one, started for as long as the work takes.
 */
export async function withRecords<T>(
  environment: NodeJS.ProcessEnv,
  user: DatabaseUser,
  work: (database: Database, url: string) => Promise<T>,
): Promise<T> {
  const named = environment['RECORDS_DATABASE_URL'];
  if (named !== undefined) return withDatabase(named, work);
  const home = houseHome(environment);
  const running = findRunning(home);
  if (running) return withDatabase(user === 'owner' ? running.ownerUrl : running.loaderUrl, work);
  const house = await startHouseDatabase(home, await houseSecrets(home));
  try {
    return await withDatabase(user === 'owner' ? house.ownerUrl : house.loaderUrl, work);
  } finally {
    await house.cluster.stop();
  }
}

async function withDatabase<T>(
  url: string,
  work: (database: Database, url: string) => Promise<T>,
): Promise<T> {
  const database = openDatabase({ url, application: 'kuramori-cli', statementMs: 0 });
  try {
    return await work(database, url);
  } finally {
    await database.close();
  }
}
