import { fork, type ChildProcess } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KuramoriError } from '../kernel/errors.js';
import type { ReadyMessage } from './gateway.js';
import { credentialsFile, ensureDemonstration } from './house/demonstration.js';
import { startHouseDatabase } from './house/database.js';
import { findRunning, forgetRunning, houseHome, noteRunning } from './house/home.js';
import { gatewayPort } from './house/port.js';
import { houseSecrets, type HouseSecrets } from './house/secrets.js';
import { welcome } from './house/welcome.js';

const READY_MS_MAX = 30_000;
/** Somebody asked for the end. */
const ASKED = undefined;

/** Why the house ends: a failure, or ASKED. */
type Cause = KuramoriError | typeof ASKED;

/**
 * Runs the whole house on this machine: database, demonstration municipality, gateway. The vault will be started
 * here, between the database and the gateway. With RECORDS_DATABASE_URL set nothing embedded starts: the gateway runs
 * on the database it names, which is migrated and filled by its own administrators.
 * @throws KuramoriError CONFLICT when the house runs already, CONFIGURATION_INVALID before anything is filled,
 *   DATABASE_UNAVAILABLE when the database ends by itself
 */
export async function runHouse(environment: NodeJS.ProcessEnv): Promise<void> {
  const home = houseHome(environment);
  if (findRunning(home)) {
    throw new KuramoriError(
      'CONFLICT',
      'The house is running already. Stop it with Ctrl-C where it was started.',
    );
  }
  const port = String(await gatewayPort(environment));
  const secrets = await houseSecrets(home);
  const stopped = stopSignal();
  const named = environment['RECORDS_DATABASE_URL'];
  const settings = { ...environment, KURAMORI_PORT: port };
  if (named !== undefined) await runGatewayUntil(settings, named, secrets, [stopped]);
  else await runEmbedded(settings, home, secrets, stopped);
}

/** The environment with the port that was tried out. */
type HouseSettings = NodeJS.ProcessEnv & { readonly KURAMORI_PORT: string };

async function runEmbedded(
  environment: HouseSettings,
  home: string,
  secrets: HouseSecrets,
  stopped: Promise<Cause>,
): Promise<void> {
  const database = await startHouseDatabase(home, secrets);
  try {
    const staff = await ensureDemonstration(database.ownerUrl, home, secrets);
    const { ownerUrl, loaderUrl } = database;
    const databaseEnded = database.cluster.ended.then(databaseLost);
    await runGatewayUntil(environment, database.gatewayUrl, secrets, [stopped, databaseEnded], (address) => {
      noteRunning(home, { pid: process.pid, gateway: address, ownerUrl, loaderUrl });
      process.stdout.write(welcome(address, staff, relative(process.cwd(), credentialsFile(home))));
    });
  } finally {
    forgetRunning(home);
    await database.cluster.stop();
  }
  process.stdout.write('Stopped. The data stays; the next start uses it again.\n');
}

/** Runs the gateway until one of the causes comes true. @throws the cause, unless somebody asked */
async function runGatewayUntil(
  environment: HouseSettings,
  recordsUrl: string,
  secrets: HouseSecrets,
  causes: readonly Promise<Cause>[],
  onReady: (address: string) => void = () => undefined,
): Promise<void> {
  const gateway = await startGatewayProcess(environment, recordsUrl, secrets);
  onReady(gateway.address);
  const cause = await Promise.race([...causes, gateway.ended]);
  process.stdout.write('\nStopping …\n');
  await gateway.stop();
  if (cause !== ASKED) throw cause;
}

function databaseLost(): KuramoriError {
  return new KuramoriError(
    'DATABASE_UNAVAILABLE',
    'The database ended by itself, so the house stopped; what was committed stays. Check that the machine has ' +
      'free memory and disk space, then start again.',
  );
}

interface GatewayProcess {
  readonly address: string;
  readonly ended: Promise<KuramoriError>;
  stop(): Promise<void>;
}

async function startGatewayProcess(
  environment: HouseSettings,
  recordsUrl: string,
  secrets: HouseSecrets,
): Promise<GatewayProcess> {
  const port = environment.KURAMORI_PORT;
  const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), ['gateway'], {
    // A group of its own: Ctrl-C reaches us alone, and we stop the processes in their order.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...environment,
      RECORDS_DATABASE_URL: recordsUrl,
      KURAMORI_ISSUER: environment['KURAMORI_ISSUER'] ?? `http://127.0.0.1:${port}`,
      KURAMORI_SIGNING_KEY_FILE: secrets.signingKeyFile,
      KURAMORI_PEPPER_FILE: secrets.pepperFile,
      KURAMORI_CREDENTIAL_KEY_FILE: secrets.credentialKeyFile,
      KURAMORI_DOCUMENTS: environment['KURAMORI_DOCUMENTS'] ?? 'any',
      KURAMORI_DISCLOSE_SCHEMA: environment['KURAMORI_DISCLOSE_SCHEMA'] ?? 'on',
      KURAMORI_LOG_LEVEL: environment['KURAMORI_LOG_LEVEL'] ?? 'warn',
    },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const address = await readyAddress(child, exited);
  return {
    address,
    ended: exited.then(
      (code) => new KuramoriError('INTERNAL', `The gateway ended by itself with code ${code ?? 'none'}.`),
    ),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function readyAddress(child: ChildProcess, exited: Promise<number | null>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new KuramoriError('TIMEOUT', 'The gateway was not ready in time.'));
    }, READY_MS_MAX);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as ReadyMessage).ready);
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(
        new KuramoriError(
          'CONFIGURATION_INVALID',
          'The gateway did not start; its own message stands above.',
        ),
      );
    });
  });
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once. */
function stopSignal(): Promise<Cause> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(ASKED));
    process.once('SIGTERM', () => resolve(ASKED));
  });
}
