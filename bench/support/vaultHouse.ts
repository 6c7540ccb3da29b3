import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findPrograms, reachableFolder } from '../../src/cli/embedded/binaries.js';
import { freePort } from '../../src/cli/embedded/cluster.js';
import type { ReadyMessage } from '../../src/cli/untilStopped.js';
import { houseCertificates, type HouseCertificates } from '../../src/cli/house/certificates.js';
import { houseVaultSocket } from '../../src/cli/house/vaultSocket.js';
import { startHouseVaultDatabase, type HouseVaultDatabase } from '../../src/cli/house/vaultDatabase.js';
import { MUNICIPALITY } from '../../src/demonstration/words/places.js';
import { systemClock } from '../../src/kernel/clock.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import type { Child } from './children.js';
import { GATEWAY_PROGRAM } from './gateway.js';
import type { BenchHouse } from './house.js';

/** A vault in a process of its own, in service, on databases of its own. */
export interface BenchVault {
  /** `https://host:port` */
  readonly address: string;
  readonly process: Child;
  /** Unix socket of its administration. */
  readonly socket: string;
  readonly municipality: string;
  readonly certificates: HouseCertificates;
  /** Settings with which a gateway reaches it. */
  readonly forGateway: Readonly<Record<string, string>>;
  /** The same for a worker. */
  readonly forWorker: Readonly<Record<string, string>>;
  /** Connection text of the owner of one of its databases. */
  ownerUrl(part: VaultPart): string;
  /** Ends the process and the cluster and leaves nothing. */
  close(): Promise<void>;
}

/** 保管庫 and 消去鍵: one database each. */
export type VaultPart = 'vault' | 'shred';

/** Who asks over the socket, for the vault's log. */
export const OPERATOR = 'bench';

/** What is different from a vault by itself. */
export interface BenchVaultOptions {
  /** Another program than the command line, for what is measured within the process. */
  readonly program?: URL;
  /** Flags of Node itself. */
  readonly flags?: readonly string[];
  /** Starts what the vault needs beside it, in the vault's folder. @returns settings of the vault */
  readonly beside?: (
    folder: string,
    certificates: HouseCertificates,
  ) => Promise<Readonly<Record<string, string>>>;
}

/**
 * Starts a cluster of its own, makes the vault's databases, starts the vault and opens it with a key file. Every time
 * from nothing: what people may see in a day is counted in the database.
 */
export async function openBenchVault(
  house: BenchHouse,
  { program = GATEWAY_PROGRAM, flags = [], beside }: BenchVaultOptions = {},
): Promise<BenchVault> {
  const folder = mkdtempSync(join(house.home, 'vault-'));
  // The database's account, where it is another one, must pass through; what lies in here is closed by itself.
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const database = await startHouseVaultDatabase(folder);
  const closeCluster = once(async () => {
    await database.cluster.stop();
    await removeFolders(folder);
  });
  house.endsWithHouse({ close: closeCluster });
  const certificates = await houseCertificates(folder, systemClock);
  const socket = houseVaultSocket(folder);
  const child = house.children.start(program, {
    arguments: ['vault'],
    environment: {
      ...(await settings(folder, database, certificates, socket)),
      ...(await beside?.(folder, certificates)),
    },
    flags: [...profileFlags(house), ...flags],
    withoutCoreDumps: true,
  });
  const { ready: address } = (await child.message()) as ReadyMessage;
  for (const [command, input] of [['init', { makeKey: true }] as const, ['open', {}] as const])
    await callAdministration(socket, command, input, OPERATOR);
  return {
    address,
    process: child,
    socket,
    municipality: MUNICIPALITY.code,
    certificates,
    forGateway: gatewaySettings(address, certificates),
    forWorker: workerSettings(address, certificates),
    ownerUrl: (part) => database.cluster.adminUrl(`kuramori_${part}`),
    close: async () => {
      await child.stop();
      await closeCluster();
    },
  };
}

/** However often it is asked for, it is done one time. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

async function settings(
  folder: string,
  { vaultUrl, shredUrl }: HouseVaultDatabase,
  { vault, caFile }: HouseCertificates,
  socket: string,
): Promise<Readonly<Record<string, string>>> {
  mkdirSync(join(folder, 'journal'), { mode: 0o700 });
  return {
    VAULT_DATABASE_URL: vaultUrl,
    VAULT_SHRED_DATABASE_URL: shredUrl,
    KURAMORI_VAULT_PORT: String(await freePort()),
    KURAMORI_VAULT_TLS_KEY_FILE: vault.keyFile,
    KURAMORI_VAULT_TLS_CERTIFICATE_FILE: vault.certificateFile,
    KURAMORI_VAULT_TLS_CA_FILE: caFile,
    KURAMORI_VAULT_MUNICIPALITY: MUNICIPALITY.code,
    KURAMORI_VAULT_SOCKET: socket,
    KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(folder, 'journal', 'erasures.jsonl'),
    KURAMORI_VAULT_SEAL: 'file',
    KURAMORI_VAULT_SEAL_KEY_FILE: join(folder, 'keys', 'vault-root.key'),
    KURAMORI_VAULT_LOG_LEVEL: 'warn',
  };
}

function gatewaySettings(
  address: string,
  { caFile, gateway }: HouseCertificates,
): Readonly<Record<string, string>> {
  return {
    KURAMORI_VAULT_URL: address,
    KURAMORI_VAULT_CLIENT_CA_FILE: caFile,
    KURAMORI_VAULT_CLIENT_KEY_FILE: gateway.keyFile,
    KURAMORI_VAULT_CLIENT_CERTIFICATE_FILE: gateway.certificateFile,
  };
}

function workerSettings(
  address: string,
  { caFile, worker }: HouseCertificates,
): Readonly<Record<string, string>> {
  return {
    KURAMORI_WORKER_VAULT_URL: address,
    KURAMORI_WORKER_VAULT_CA_FILE: caFile,
    KURAMORI_WORKER_VAULT_KEY_FILE: worker.keyFile,
    KURAMORI_WORKER_VAULT_CERTIFICATE_FILE: worker.certificateFile,
  };
}

function profileFlags({ profileFolder }: BenchHouse): readonly string[] {
  return profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
}

async function removeFolders(folder: string): Promise<void> {
  const cluster = reachableFolder(join(folder, 'vault'), await findPrograms());
  for (const each of [cluster, folder]) rmSync(each, { recursive: true, force: true });
}
