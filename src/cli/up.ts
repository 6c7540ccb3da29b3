import { relative } from 'node:path';
import { KuramoriError } from '../kernel/errors.js';
import { credentialsFile } from './house/credentials.js';
import { ensureDemonstration } from './house/demonstration.js';
import { startHouseDatabase } from './house/database.js';
import { environmentOf } from './house/environment.js';
import { findRunning, forgetRunning, houseHome, noteRunning } from './house/home.js';
import { startHouseOrganization } from './house/organization.js';
import { gatewayPort } from './house/port.js';
import { startProcess, type HouseProcess } from './house/process.js';
import { houseSecrets, type HouseSecrets } from './house/secrets.js';
import {
  houseVaultPort,
  startHouseVault,
  vaultCertificates,
  type HouseVault,
  type VaultPart,
} from './house/vault.js';
import { welcome } from './house/welcome.js';
import { startHouseWorker } from './house/worker.js';

/** Somebody asked for the end. */
const ASKED = undefined;

/** Why the house ends: a failure, or ASKED. */
type Cause = KuramoriError | typeof ASKED;

/**
 * Runs the whole house on this machine: databases, demonstration municipality, intermediary server, vault, gateway,
 * worker, organization. With RECORDS_DATABASE_URL or VAULT_DATABASE_URL set, that database is not embedded: it is
 * migrated and filled by its own administrators. Without the latter the vault has none to go with the former, and is
 * not run.
 * @throws KuramoriError CONFLICT when the house runs already, CONFIGURATION_INVALID before anything is filled,
 *   DATABASE_UNAVAILABLE when a database ends by itself
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
  const hasVault = named === undefined || environment['VAULT_DATABASE_URL'] !== undefined;
  const ports = { KURAMORI_PORT: port, KURAMORI_VAULT_PORT: await houseVaultPort(environment) };
  const certificates = hasVault ? await vaultCertificates(home, environment) : undefined;
  const settings = { ...environment, ...ports };
  const organization = certificates && startHouseOrganization(environment, home, certificates);
  const vault = certificates ? startHouseVault(settings, home, certificates) : Promise.resolve(undefined);
  // The vault asks the organization, so that it is stopped before it.
  await withServer(organization, (lost) =>
    withVault(vault, async (ended) => {
      const causes = [stopped, ended, lost];
      if (named !== undefined) {
        const urls = { gatewayUrl: named, workerUrl: environment['RECORDS_WORKER_DATABASE_URL'] };
        await runServicesUntil(settings, urls, secrets, vault, causes);
      } else await runEmbedded(settings, home, secrets, vault, causes);
    }),
  );
  if (named === undefined) process.stdout.write('Stopped. The data stays; the next start uses it again.\n');
}

/** Stops a server that stands in for an outside one after everything that asks it, also when it was still starting. */
async function withServer(
  starting: Promise<HouseProcess> | undefined,
  work: (lost: Promise<Cause>) => Promise<void>,
): Promise<void> {
  const lost = new Promise<Cause>((resolve) => {
    starting?.then(
      (server) => void server.ended.then(resolve),
      (error: unknown) => resolve(error as KuramoriError),
    );
  });
  try {
    await work(lost);
  } finally {
    await starting?.then(
      (server) => server.stop(),
      () => undefined,
    );
  }
}

/** Stops the vault after everything that asks it, also when it was still starting. */
async function withVault(
  starting: Promise<HouseVault | undefined>,
  work: (ended: Promise<Cause>) => Promise<void>,
): Promise<void> {
  const ended = new Promise<Cause>((resolve) => {
    starting.then(
      (vault) => void vault?.ended.then((part) => resolve(vaultLost(part))),
      // Whoever waits for the start hears of it.
      () => undefined,
    );
  });
  try {
    await work(ended);
  } finally {
    await starting.then(
      (vault) => vault?.stop(),
      () => undefined,
    );
  }
}

/** The environment with the port that was tried out, and that of the vault. */
type HouseSettings = NodeJS.ProcessEnv & {
  readonly KURAMORI_PORT: string;
  readonly KURAMORI_VAULT_PORT: string;
};

async function runEmbedded(
  environment: HouseSettings,
  home: string,
  secrets: HouseSecrets,
  vault: Promise<HouseVault | undefined>,
  causes: readonly Promise<Cause>[],
): Promise<void> {
  const database = await startHouseDatabase(home, secrets);
  try {
    const staff = await ensureDemonstration(database.ownerUrl, home, secrets);
    const { ownerUrl, loaderUrl } = database;
    const databaseEnded = database.cluster.ended.then(databaseLost);
    const all = [...causes, databaseEnded];
    await runServicesUntil(environment, database, secrets, vault, all, (address, forVault) => {
      noteRunning(home, { pid: process.pid, gateway: address, ownerUrl, loaderUrl, forVault });
      process.stdout.write(welcome(address, staff, relative(process.cwd(), credentialsFile(home))));
    });
  } finally {
    forgetRunning(home);
    await database.cluster.stop();
  }
}

/** Connection texts of the services that work on the records. */
interface RecordsUrls {
  readonly gatewayUrl: string;
  /** Without one no worker is run. */
  readonly workerUrl: string | undefined;
}

/**
 * Runs the gateway, and the worker where there is a vault to hand anything to, until one of the causes comes true; the
 * gateway stops first, so that nothing is asked for any more when the worker does.
 * @throws the cause, unless somebody asked
 */
async function runServicesUntil(
  environment: HouseSettings,
  { gatewayUrl, workerUrl }: RecordsUrls,
  secrets: HouseSecrets,
  vault: Promise<HouseVault | undefined>,
  causes: readonly Promise<Cause>[],
  onReady: (address: string, forVault: NodeJS.ProcessEnv) => void = () => undefined,
): Promise<void> {
  const reached = await vault;
  const gateway = startGatewayProcess({ ...environment, ...reached?.forGateway }, gatewayUrl, secrets);
  const worker =
    reached && workerUrl !== undefined && startHouseWorker(environment, workerUrl, reached.forWorker);
  const services = [gateway, ...(worker ? [worker] : [])];
  try {
    const ended = (await Promise.all(services)).map((service) => service.ended);
    onReady((await gateway).address, reached?.forGateway ?? {});
    const cause = await Promise.race([...causes, ...ended]);
    process.stdout.write('\nStopping …\n');
    if (cause !== ASKED) throw cause;
  } finally {
    for (const service of services) await stopStarted(service);
  }
}

/** What did not start has nothing to stop; its failure is told where its start was waited for. */
async function stopStarted(service: Promise<HouseProcess>): Promise<void> {
  await service.then(
    (running) => running.stop(),
    () => undefined,
  );
}

function vaultLost(part: VaultPart): KuramoriError {
  if (part === 'database') return databaseLost();
  const name = part === 'process' ? 'vault' : 'intermediary server';
  return new KuramoriError(
    'INTERNAL',
    `The ${name} ended by itself, so the house stopped. Its own message stands above.`,
  );
}

function databaseLost(): KuramoriError {
  return new KuramoriError(
    'DATABASE_UNAVAILABLE',
    'The database ended by itself, so the house stopped; what was committed stays. Check that the machine has ' +
      'free memory and disk space, then start again.',
  );
}

function startGatewayProcess(
  environment: HouseSettings,
  recordsUrl: string,
  secrets: HouseSecrets,
): Promise<HouseProcess> {
  const port = environment.KURAMORI_PORT;
  return startProcess({
    name: 'gateway',
    argument: 'gateway',
    environment: {
      ...environmentOf('gateway', environment),
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
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once. */
function stopSignal(): Promise<Cause> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(ASKED));
    process.once('SIGTERM', () => resolve(ASKED));
  });
}
