import { fileURLToPath } from 'node:url';
import { readKeyRing } from '../../../src/config/gateway.js';
import { houseSecrets } from '../../../src/cli/house/secrets.js';
import { registerDemonstrationStaff, type StaffCredentials } from '../../../src/demonstration/staff.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { fromBase32, totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { FAST_ARGON2 } from '../../access/support/settings.js';
import type { TestDatabase } from '../../support/database.js';
import { demonstrationDatabase } from '../../support/demonstration.js';
import { startProcess, type Running } from './process.js';
import type { VaultProcess } from './vault.js';

const DUMP = new URL('../leak/dump.ts', import.meta.url);
/** In a snapshot V8 cuts texts off after this; its default is 1,024. */
const SNAPSHOT_CHARS_MAX = 100_000_000;

/** A gateway as a process of its own, before a vault, on a filled records database. */
export interface GatewayProcess {
  readonly running: Running;
  readonly records: TestDatabase;
  readonly staff: readonly StaffCredentials[];
}

/**
 * Fills a records database and starts the gateway.
 * @param dump environment of `leak/dump.ts`, with which it is started, and settings in place of others
 * @param more flags of Node
 */
export async function startGatewayProcess(
  home: string,
  vault: VaultProcess,
  dump: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<GatewayProcess> {
  const [records, secrets] = [await demonstrationDatabase(120), await houseSecrets(home)];
  const { staff } = await registerDemonstrationStaff(records.owner, {
    pepper: readKeyRing(secrets.pepperFile),
    credentialKey: readKeyRing(secrets.credentialKeyFile),
    argon2: FAST_ARGON2,
    clock: systemClock,
  });
  const { gateway, caFile } = vault.certificates;
  const running = await startProcess({
    argument: 'gateway',
    flags: ['--import', fileURLToPath(DUMP), `--heap-snapshot-string-limit=${SNAPSHOT_CHARS_MAX}`, ...more],
    environment: {
      RECORDS_DATABASE_URL: records.urls.gateway,
      KURAMORI_PORT: '0',
      KURAMORI_ISSUER: 'https://gateway.kuramori.test',
      KURAMORI_SIGNING_KEY_FILE: secrets.signingKeyFile,
      KURAMORI_PEPPER_FILE: secrets.pepperFile,
      KURAMORI_CREDENTIAL_KEY_FILE: secrets.credentialKeyFile,
      KURAMORI_DOCUMENTS: 'any',
      KURAMORI_LOG_LEVEL: 'debug',
      KURAMORI_VAULT_URL: vault.running.address,
      KURAMORI_VAULT_CLIENT_CA_FILE: caFile,
      KURAMORI_VAULT_CLIENT_KEY_FILE: gateway.keyFile,
      KURAMORI_VAULT_CLIENT_CERTIFICATE_FILE: gateway.certificateFile,
      ...dump,
    },
  });
  return { running, records, staff };
}

/** Signs in over HTTP. @returns an access token, good for five minutes */
export async function signIn(
  address: string,
  staff: readonly StaffCredentials[],
  role: string,
): Promise<string> {
  const member = staff.find((candidate) => candidate.role === role);
  if (!member) throw new Error(`nobody is ${role}`);
  const { staffId, password, totpSecret } = member;
  const totp = totpCode(fromBase32(totpSecret), totpStep(Date.now()));
  const answer = await fetch(new URL('/session', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ staffId, password, totp }),
  });
  if (!answer.ok) throw new Error(`sign-in refused: ${answer.status}`);
  return ((await answer.json()) as { accessToken: string }).accessToken;
}
