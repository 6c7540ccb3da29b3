import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { VAULT_SETTINGS } from '../../config/vault.js';
import { systemClock } from '../../kernel/clock.js';
import { MUNICIPALITY } from '../../demonstration/words/places.js';
import type { VaultStatus } from '../../vault/administration.js';
import { callAdministration } from '../../vault/http/adminClient.js';
import { freePort } from '../embedded/cluster.js';
import { houseCertificates, VAULT_HOSTS, type HouseCertificates } from './certificates.js';
import { environmentOf } from './environment.js';
import { runsIntermediary, startHouseIntermediary, type HouseIntermediary } from './intermediary.js';
import { startProcess, type HouseProcess } from './process.js';
import { startHouseVaultDatabase, type HouseVaultDatabase } from './vaultDatabase.js';
import { houseVaultSocket, operatorName, removeSocketFolder } from './vaultSocket.js';

/** Which part of the vault ended by itself. */
export type VaultPart = 'process' | 'database' | 'intermediary';

/** The vault of the house: its process, and its databases and the intermediary server where they are ours. */
export interface HouseVault {
  readonly address: string;
  /** Settings with which the gateway of the house reaches it. */
  readonly forGateway: NodeJS.ProcessEnv;
  /** Settings with which the worker of the house reaches it. */
  readonly forWorker: NodeJS.ProcessEnv;
  /** Unix socket of its administration. */
  readonly socket: string;
  /** Resolves with the part that ends by itself first. */
  readonly ended: Promise<VaultPart>;
  /** The process first, so that what is under way can end. */
  stop(): Promise<void>;
}

/** What stands beside the process of the vault. */
interface Beside {
  readonly database: HouseVaultDatabase | undefined;
  readonly intermediary: HouseIntermediary | undefined;
}

/**
 * Starts the vault as a process of its own, on KURAMORI_VAULT_PORT of the environment. With VAULT_DATABASE_URL set it
 * works on the databases that are named there and is opened as its own settings say; otherwise on an embedded cluster,
 * initialised, and opened with a key file, beside a reference intermediary server.
 * @throws KuramoriError when its databases or a process do not start, or it cannot be opened: nothing is left running
 */
export async function startHouseVault(
  environment: NodeJS.ProcessEnv,
  home: string,
  certificates: HouseCertificates,
): Promise<HouseVault> {
  const beside = await startBeside(environment, home, certificates);
  try {
    const settings = vaultSettings(environment, home, certificates, beside);
    const running = await startProcess({
      name: 'vault',
      argument: 'vault',
      environment: settings,
      withoutCoreDumps: true,
    });
    const socket = settings.KURAMORI_VAULT_SOCKET;
    try {
      if (beside.database) await openHouseVault(socket);
    } catch (error) {
      await running.stop();
      throw error;
    }
    const removeFolder = () => removeSocketFolder(home, socket);
    return houseVault(running, socket, beside, certificates, removeFolder);
  } catch (error) {
    await stopBeside(beside);
    throw error;
  }
}

/** Both at once; when one does not start, the other is stopped. */
async function startBeside(
  environment: NodeJS.ProcessEnv,
  home: string,
  certificates: HouseCertificates,
): Promise<Beside> {
  const isNamed = environment['VAULT_DATABASE_URL'] !== undefined;
  const [database, intermediary] = await Promise.allSettled([
    isNamed ? undefined : startHouseVaultDatabase(home),
    runsIntermediary(environment) ? startHouseIntermediary(environment, home, certificates) : undefined,
  ]);
  if (database.status === 'fulfilled' && intermediary.status === 'fulfilled')
    return { database: database.value, intermediary: intermediary.value };
  await stopBeside({
    database: database.status === 'fulfilled' ? database.value : undefined,
    intermediary: intermediary.status === 'fulfilled' ? intermediary.value : undefined,
  });
  throw database.status === 'rejected' ? database.reason : (intermediary as PromiseRejectedResult).reason;
}

async function stopBeside({ database, intermediary }: Beside): Promise<void> {
  await intermediary?.stop();
  await database?.cluster.stop();
}

function houseVault(
  running: HouseProcess,
  socket: string,
  beside: Beside,
  certificates: HouseCertificates,
  removeFolder: () => void,
): HouseVault {
  const { database, intermediary } = beside;
  const ends: (Promise<VaultPart> | undefined)[] = [
    running.ended.then(() => 'process'),
    database?.cluster.ended.then(() => 'database'),
    intermediary?.ended.then(() => 'intermediary'),
  ];
  return {
    address: running.address,
    forGateway: gatewaySettings(running.address, certificates),
    forWorker: workerSettings(running.address, certificates),
    socket,
    ended: Promise.race(ends.filter((each) => each !== undefined)),
    stop: async () => {
      await running.stop();
      removeFolder();
      await stopBeside(beside);
    },
  };
}

/** The first time the vault gets its keys; every time it is opened with the key in the house's file. */
async function openHouseVault(socket: string): Promise<void> {
  const operator = operatorName();
  const status = (await callAdministration(socket, 'status', {}, operator)) as VaultStatus;
  if (status.state === 'open') return;
  if (status.state === 'uninitialised') await callAdministration(socket, 'init', { makeKey: true }, operator);
  await callAdministration(socket, 'open', {}, operator);
}

/** Where the vault will listen: as set, as it does by itself, or for the embedded one anywhere. */
export async function houseVaultPort(environment: NodeJS.ProcessEnv): Promise<string> {
  const named = environment['KURAMORI_VAULT_PORT'];
  if (named !== undefined) return named;
  return environment['VAULT_DATABASE_URL'] === undefined
    ? String(await freePort())
    : VAULT_SETTINGS.port.fallback;
}

/** What every house sets for its vault, under what the environment says. */
function vaultSettings(
  environment: NodeJS.ProcessEnv,
  home: string,
  certificates: HouseCertificates,
  { database, intermediary }: Beside,
): NodeJS.ProcessEnv & { readonly KURAMORI_VAULT_SOCKET: string } {
  const socket = environment['KURAMORI_VAULT_SOCKET'] ?? houseVaultSocket(home);
  mkdirSync(join(home, 'journal'), { recursive: true, mode: 0o700 });
  const embedded = database && {
    VAULT_DATABASE_URL: database.vaultUrl,
    VAULT_SHRED_DATABASE_URL: database.shredUrl,
    KURAMORI_VAULT_MUNICIPALITY: MUNICIPALITY.code,
    KURAMORI_VAULT_MUNICIPALITY_NAME: MUNICIPALITY.name,
    KURAMORI_VAULT_SEAL: 'file',
    KURAMORI_VAULT_ENVIRONMENT: 'demonstration',
    KURAMORI_VAULT_SEAL_KEY_FILE: join(home, 'keys', 'vault-root.key'),
  };
  return {
    KURAMORI_VAULT_TLS_KEY_FILE: certificates.vault.keyFile,
    KURAMORI_VAULT_TLS_CERTIFICATE_FILE: certificates.vault.certificateFile,
    KURAMORI_VAULT_TLS_CA_FILE: certificates.caFile,
    KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(home, 'journal', 'erasures.jsonl'),
    KURAMORI_VAULT_TRANSFER_FOLDER: join(home, 'transfer'),
    KURAMORI_VAULT_ORGANIZATION_KEY_FILE: certificates.vaultClient.keyFile,
    KURAMORI_VAULT_ORGANIZATION_CERTIFICATE_FILE: certificates.vaultClient.certificateFile,
    KURAMORI_VAULT_ORGANIZATION_CA_FILE: certificates.caFile,
    KURAMORI_VAULT_LOG_LEVEL: 'warn',
    ...intermediary?.forVault,
    ...environmentOf('vault', environment),
    ...toCompare(environment['RECORDS_DATABASE_URL']),
    ...embedded,
    KURAMORI_VAULT_SOCKET: socket,
  };
}

/** How the gateway of the house reaches its vault, and shows it who it is. */
function gatewaySettings(address: string, { caFile, gateway }: HouseCertificates): NodeJS.ProcessEnv {
  return {
    KURAMORI_VAULT_URL: address,
    KURAMORI_VAULT_CLIENT_CA_FILE: caFile,
    KURAMORI_VAULT_CLIENT_KEY_FILE: gateway.keyFile,
    KURAMORI_VAULT_CLIENT_CERTIFICATE_FILE: gateway.certificateFile,
  };
}

/** The same for the worker, which is another service to the vault. */
function workerSettings(address: string, { caFile, worker }: HouseCertificates): NodeJS.ProcessEnv {
  return {
    KURAMORI_WORKER_VAULT_URL: address,
    KURAMORI_WORKER_VAULT_CA_FILE: caFile,
    KURAMORI_WORKER_VAULT_KEY_FILE: worker.keyFile,
    KURAMORI_WORKER_VAULT_CERTIFICATE_FILE: worker.certificateFile,
  };
}

/** Where the records lie, for the vault to refuse to share it; the password is none of its business. */
function toCompare(recordsUrl: string | undefined): NodeJS.ProcessEnv {
  if (recordsUrl === undefined || !URL.canParse(recordsUrl)) return {};
  const url = new URL(recordsUrl);
  url.password = '';
  return { RECORDS_DATABASE_URL: url.toString() };
}

/** The house's certificates, for every address at which its vault may be asked. */
export function vaultCertificates(home: string, environment: NodeJS.ProcessEnv): Promise<HouseCertificates> {
  const host = environment['KURAMORI_VAULT_HOST'];
  return houseCertificates(home, systemClock, [...VAULT_HOSTS, ...(host === undefined ? [] : [host])]);
}
