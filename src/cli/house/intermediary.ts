import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VAULT_SETTINGS } from '../../config/vault.js';
import { BODIES, LAYOUTS } from '../../reference/intermediary/seed.js';
import type { HouseCertificates } from './certificates.js';
import { environmentOf } from './environment.js';
import { demonstrationAtIntermediary } from './intermediaryPeople.js';
import { startProcess, type HouseProcess } from './process.js';

/** The reference intermediary server of the house. */
export interface HouseIntermediary extends HouseProcess {
  /** Settings with which the vault of the house reaches it, and says who it is there. */
  readonly forVault: NodeJS.ProcessEnv;
}

const OF_THE_VAULT: ReadonlySet<string> = new Set(Object.values(VAULT_SETTINGS).map(({ name }) => name));

/**
 * Whether the house runs its own: not for a vault whose settings name another server, nor for one whose databases are
 * not the house's, for that may be a real municipality's.
 */
export function runsIntermediary(environment: NodeJS.ProcessEnv): boolean {
  return (
    environment['VAULT_DATABASE_URL'] === undefined &&
    environment['KURAMORI_VAULT_INTERMEDIARY_URL'] === undefined &&
    environment['KURAMORI_VAULT_INTERMEDIARY_DROP_FOLDER'] === undefined
  );
}

/**
 * Starts the reference intermediary server (中間サーバー) as a process of its own, with the demonstration's data, on a
 * port that is free or on KURAMORI_INTERMEDIARY_PORT.
 * @throws KuramoriError TIMEOUT, CONFIGURATION_INVALID when it did not start
 */
export async function startHouseIntermediary(
  environment: NodeJS.ProcessEnv,
  home: string,
  certificates: HouseCertificates,
): Promise<HouseIntermediary> {
  const running = await startProcess({
    name: 'intermediary server',
    argument: 'intermediary',
    environment: intermediarySettings(environment, home, certificates),
  });
  return { ...running, forVault: vaultSettings(running.address, certificates) };
}

function intermediarySettings(
  environment: NodeJS.ProcessEnv,
  home: string,
  { caFile, intermediary }: HouseCertificates,
): NodeJS.ProcessEnv {
  const staffFile = join(home, 'intermediary', 'staff.json');
  return {
    KURAMORI_INTERMEDIARY_PORT: '0',
    KURAMORI_INTERMEDIARY_DATA: join(home, 'intermediary', 'data'),
    KURAMORI_INTERMEDIARY_TLS_KEY_FILE: intermediary.keyFile,
    KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: intermediary.certificateFile,
    KURAMORI_INTERMEDIARY_TLS_CA_FILE: caFile,
    KURAMORI_INTERMEDIARY_DEMONSTRATION_FILE: writeDemonstration(home),
    KURAMORI_INTERMEDIARY_LOG_LEVEL: 'warn',
    ...(existsSync(staffFile) ? { KURAMORI_INTERMEDIARY_STAFF_FILE: staffFile } : {}),
    ...environmentOf('intermediary', environment),
  };
}

/** Writes whom the server is to know of the demonstration municipality: the same at every start. @returns the file */
function writeDemonstration(home: string): string {
  const file = join(home, 'intermediary', 'demonstration.json');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(demonstrationAtIntermediary(), null, 2), { mode: 0o600 });
  return file;
}

/** A vault that does not push yet has no settings for it, and would refuse to start with them. */
function vaultSettings(address: string, { caFile, vaultClient }: HouseCertificates): NodeJS.ProcessEnv {
  const settings = {
    KURAMORI_VAULT_INTERMEDIARY_URL: address,
    KURAMORI_VAULT_INTERMEDIARY_KEY_FILE: vaultClient.keyFile,
    KURAMORI_VAULT_INTERMEDIARY_CERTIFICATE_FILE: vaultClient.certificateFile,
    KURAMORI_VAULT_INTERMEDIARY_CA_FILE: caFile,
    KURAMORI_VAULT_INTERMEDIARY_BODY_CODE: BODIES.municipality.bodyCode,
    KURAMORI_VAULT_INTERMEDIARY_BODY_NAME: BODIES.municipality.name,
    KURAMORI_VAULT_INTERMEDIARY_SYSTEM_ID: BODIES.municipality.systemId,
    KURAMORI_VAULT_INTERMEDIARY_LAYOUT: LAYOUTS.at(-1)?.version,
  };
  return Object.fromEntries(Object.entries(settings).filter(([name]) => OF_THE_VAULT.has(name)));
}
