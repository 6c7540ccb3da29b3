import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadyMessage } from '../../src/cli/untilStopped.js';
import type { HouseCertificates } from '../../src/cli/house/certificates.js';
import { BODIES, LAYOUTS } from '../../src/reference/intermediary/seed.js';
import { PEOPLE } from '../../src/reference/intermediary/seedPeople.js';
import { GATEWAY_PROGRAM } from './gateway.js';
import type { BenchHouse } from './house.js';
import { clerkIds } from './vaultClerks.js';

const { municipality } = BODIES;

/** 団体内統合宛名番号 of people whose code (符号) the reference server has already, so that a push ends at once. */
export const CODES_ACQUIRED: readonly string[] = Object.entries(PEOPLE)
  .filter(([name]) => name !== 'codeNotAcquired' && name !== 'numberSuperseded')
  .map(([, number]) => number);

/**
 * Starts the reference intermediary server in a process of its own, with a staff table of all clerks.
 * @returns settings with which a vault reaches it
 */
export async function startBenchIntermediary(
  house: BenchHouse,
  folder: string,
  { caFile, intermediary, vaultClient }: HouseCertificates,
  clerks: number,
): Promise<Readonly<Record<string, string>>> {
  const own = join(folder, 'intermediary');
  mkdirSync(own, { mode: 0o700 });
  const staffFile = join(own, 'staff.json');
  const row = {
    bodyCode: municipality.bodyCode,
    kinds: ['code.acquire'],
    procedureCodes: [],
    validFrom: '2020-04-01',
    validTo: '2039-03-31',
  };
  const staff = Array.from({ length: clerks }, (_, at) => clerkIds(at));
  writeFileSync(
    staffFile,
    JSON.stringify(staff.map(({ personId, unit }) => ({ ...row, personId, unitCode: unit }))),
  );
  const child = house.children.start(GATEWAY_PROGRAM, {
    arguments: ['intermediary'],
    environment: {
      KURAMORI_INTERMEDIARY_PORT: '0',
      KURAMORI_INTERMEDIARY_DATA: join(own, 'data'),
      KURAMORI_INTERMEDIARY_TLS_KEY_FILE: intermediary.keyFile,
      KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: intermediary.certificateFile,
      KURAMORI_INTERMEDIARY_TLS_CA_FILE: caFile,
      KURAMORI_INTERMEDIARY_STAFF_FILE: staffFile,
      KURAMORI_INTERMEDIARY_LOG_LEVEL: 'warn',
    },
  });
  const { ready } = (await child.message()) as ReadyMessage;
  return {
    KURAMORI_VAULT_INTERMEDIARY_URL: ready,
    KURAMORI_VAULT_INTERMEDIARY_KEY_FILE: vaultClient.keyFile,
    KURAMORI_VAULT_INTERMEDIARY_CERTIFICATE_FILE: vaultClient.certificateFile,
    KURAMORI_VAULT_INTERMEDIARY_CA_FILE: caFile,
    KURAMORI_VAULT_INTERMEDIARY_BODY_CODE: municipality.bodyCode,
    KURAMORI_VAULT_INTERMEDIARY_BODY_NAME: municipality.name,
    KURAMORI_VAULT_INTERMEDIARY_SYSTEM_ID: municipality.systemId,
    KURAMORI_VAULT_INTERMEDIARY_LAYOUT: LAYOUTS.at(-1)?.version ?? '',
  };
}
