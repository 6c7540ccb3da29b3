import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseCertificates } from '../../../src/cli/house/certificates.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { REGISTERED_ACCOUNT } from '../../../src/protocol/intermediary/registeredAccount.js';
import { BODIES, LAYOUTS } from '../../../src/reference/intermediary/seed.js';
import { openVaultClient, type VaultClient } from '../../../src/vault/client/client.js';
import { startProcess, type Running } from '../../vault/processes/process.js';
import { startVaultProcess, type VaultProcess } from '../../vault/processes/vault.js';
import { afterwards } from '../../support/afterwards.js';

const { municipality } = BODIES;

/** A reference intermediary server as a process, and a vault as a process that pushes to it. */
export interface PushingHouse {
  readonly intermediary: Running;
  readonly vault: VaultProcess;
  /** The vault as the gateway sees it. */
  readonly client: VaultClient;
}

/** Lines between the vault and what it talks to. */
interface Lines {
  /** Flags of Node for the intermediary server. */
  readonly flags?: readonly string[];
  /** By which the vault reaches the intermediary server. */
  readonly reached?: (intermediaryUrl: string) => Promise<string>;
  /** By which it reaches its database. */
  readonly database?: (databaseUrl: string) => string;
}

/** Starts both. @param staff whom of the unit nozei the intermediary server lets the vault act for */
export async function startPushingHouse(
  home: string,
  staff: readonly string[],
  { flags = [], reached = (url) => Promise.resolve(url), database }: Lines = {},
): Promise<PushingHouse> {
  const intermediary = await startIntermediaryProcess(home, staff, flags);
  const { caFile, vaultClient, gateway } = await houseCertificates(home, systemClock);
  const settings = {
    KURAMORI_VAULT_INTERMEDIARY_URL: await reached(intermediary.address),
    KURAMORI_VAULT_INTERMEDIARY_KEY_FILE: vaultClient.keyFile,
    KURAMORI_VAULT_INTERMEDIARY_CERTIFICATE_FILE: vaultClient.certificateFile,
    KURAMORI_VAULT_INTERMEDIARY_CA_FILE: caFile,
    KURAMORI_VAULT_INTERMEDIARY_BODY_CODE: municipality.bodyCode,
    KURAMORI_VAULT_INTERMEDIARY_BODY_NAME: municipality.name,
    KURAMORI_VAULT_INTERMEDIARY_SYSTEM_ID: municipality.systemId,
    KURAMORI_VAULT_INTERMEDIARY_LAYOUT: LAYOUTS.at(-1)?.version ?? '',
  };
  const vault = await startVaultProcess(home, settings, database);
  const client = openVaultClient({
    url: vault.running.address,
    ca: vault.ca,
    key: readFileSync(gateway.keyFile, 'utf8'),
    certificate: readFileSync(gateway.certificateFile, 'utf8'),
  });
  afterwards(() => client.close());
  return { intermediary, vault, client };
}

async function startIntermediaryProcess(
  home: string,
  staff: readonly string[],
  flags: readonly string[],
): Promise<Running> {
  const { caFile, intermediary } = await houseCertificates(home, systemClock);
  const staffFile = join(home, 'staff.json');
  const row = {
    bodyCode: municipality.bodyCode,
    unitCode: 'nozei',
    kinds: ['code.acquire', 'inquiry'],
    procedureCodes: [REGISTERED_ACCOUNT.procedureCode],
    validFrom: '2020-04-01',
    validTo: '2039-03-31',
  };
  writeFileSync(staffFile, JSON.stringify(staff.map((personId) => ({ ...row, personId }))));
  return startProcess({
    argument: 'intermediary',
    flags,
    environment: {
      KURAMORI_INTERMEDIARY_PORT: '0',
      KURAMORI_INTERMEDIARY_DATA: join(home, 'intermediary'),
      KURAMORI_INTERMEDIARY_TLS_KEY_FILE: intermediary.keyFile,
      KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: intermediary.certificateFile,
      KURAMORI_INTERMEDIARY_TLS_CA_FILE: caFile,
      KURAMORI_INTERMEDIARY_STAFF_FILE: staffFile,
      KURAMORI_INTERMEDIARY_LOG_LEVEL: 'warn',
    },
  });
}

/** Starts a worker as a process. @param vaultUrl where the vault is, or what stands for it */
export function startWorkerProcess(
  home: string,
  recordsUrl: string,
  vaultUrl: string,
  flags: readonly string[] = [],
): Promise<Running> {
  const file = (name: string) => join(home, 'keys', 'tls', name);
  return startProcess({
    argument: 'worker',
    flags,
    environment: {
      RECORDS_WORKER_DATABASE_URL: recordsUrl,
      KURAMORI_WORKER_VAULT_URL: vaultUrl,
      KURAMORI_WORKER_VAULT_CA_FILE: file('authority.crt.pem'),
      KURAMORI_WORKER_VAULT_KEY_FILE: file('worker.key.pem'),
      KURAMORI_WORKER_VAULT_CERTIFICATE_FILE: file('worker.crt.pem'),
      KURAMORI_WORKER_PORT: '0',
    },
  });
}
