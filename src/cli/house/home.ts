import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openDatabase, type Database } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { RELEASE_ROOT } from '../../kernel/paths.js';
import { startHouseDatabase } from './database.js';
import { houseSecrets, writeSecret } from './secrets.js';

/** Addresses of a house that is running, for commands typed beside it. */
export interface RunningHouse {
  readonly pid: number;
  readonly gateway: string;
  readonly ownerUrl: string;
  readonly loaderUrl: string;
  /** Settings with which its vault is reached: addresses and names of files. */
  readonly forVault: NodeJS.ProcessEnv;
}

/** Who a command acts as in the database. */
export type DatabaseUser = 'owner' | 'loader';

/**
 * Where the embedded house keeps its data: `KURAMORI_HOME`, or `var` in the release's folder. Made when missing.
 * @throws KuramoriError CONFIGURATION_INVALID when it is empty or this account cannot write there
 */
export function houseHome(environment: NodeJS.ProcessEnv): string {
  const named = environment['KURAMORI_HOME'];
  if (named?.trim() === '') {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_HOME is empty. Name a folder for the data of the house, or unset it to use var.',
    );
  }
  const home = resolve(named ?? join(RELEASE_ROOT, 'var'));
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The folder of the house cannot be made or written to by this account. ' +
        'Name another folder in KURAMORI_HOME, or start as the account that owns it.',
      {},
      { cause },
    );
  }
  return home;
}

/** Notes the running house. */
export function noteRunning(home: string, house: RunningHouse): void {
  writeSecret(runningFile(home), JSON.stringify(house));
}

/** Forgets it. */
export function forgetRunning(home: string): void {
  rmSync(runningFile(home), { force: true });
}

/** The house that runs on this machine now, if one does. */
export function findRunning(home: string): RunningHouse | undefined {
  if (!existsSync(runningFile(home))) return undefined;
  const house = JSON.parse(readFileSync(runningFile(home), 'utf8')) as RunningHouse;
  return isAlive(house.pid) ? house : undefined;
}

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

function runningFile(home: string): string {
  return join(home, 'running.json');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
