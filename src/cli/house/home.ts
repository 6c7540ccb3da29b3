import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';
import { RELEASE_ROOT } from '../../kernel/paths.js';
import { writeSecret } from './secretFile.js';

/** Addresses of a house that is running, for commands typed beside it. */
export interface RunningHouse {
  readonly pid: number;
  readonly gateway: string;
  readonly ownerUrl: string;
  readonly loaderUrl: string;
  /** Settings with which its vault is reached: addresses and names of files. */
  readonly forVault: NodeJS.ProcessEnv;
}

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
