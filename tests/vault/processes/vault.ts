import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseCertificates, type HouseCertificates } from '../../../src/cli/house/certificates.js';
import {
  newTerminalKey,
  type Anchor,
  type OperationContext,
  type TerminalKey,
} from '../../../src/client/index.js';
import { systemClock, today } from '../../../src/kernel/clock.js';
import { fromBase32, totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { callAdministration } from '../../../src/vault/http/adminClient.js';
import { testVaultDatabases, type TestVaultDatabases } from '../../support/vaultDatabase.js';
import { startProcess, type Running } from './process.js';

export const MUNICIPALITY = '992011';
export const PURPOSE = 'REFUND';
export const BASIS = 'NUMBER-ACT-9-1-24';
export const CASE = 'C-2026-0001';

/** A vault as a process of its own, open, on databases of its own. */
export interface VaultProcess {
  readonly running: Running;
  readonly databases: TestVaultDatabases;
  readonly certificates: HouseCertificates;
  /** The municipality’s certificate authority, PEM. */
  readonly ca: string;
  readonly socket: string;
  /** With which it was started: a second process on it goes on where this one ended. */
  readonly environment: Readonly<Record<string, string>>;
  readonly anchor: Anchor;
  /** Asks over the administrative socket, as an operator. */
  administer(command: string, input?: Record<string, unknown>): Promise<unknown>;
  /** Enters somebody with a key on a terminal, an authenticator and a grant. */
  person(personId: string, entry?: PersonWanted): Promise<VaultPerson>;
}

export interface PersonWanted {
  readonly operations?: readonly string[];
  readonly terminalId?: string;
  readonly zone?: string;
  /** An officer holds no grant. */
  readonly role?: string;
}

/** Somebody of the staff, with what is on the terminal. */
export interface VaultPerson {
  readonly personId: string;
  readonly key: TerminalKey;
  readonly context: OperationContext;
  /** A code of the authenticator; each counts once, and two are to be had at a time. */
  nextCode(): string;
}

/**
 * Starts the vault, gives it its keys, opens it, and enters the officers who give grants.
 * @param reached by which the vault reaches its database
 */
export async function startVaultProcess(
  home: string,
  settings: Record<string, string> = {},
  reached: (databaseUrl: string) => string = (url) => url,
): Promise<VaultProcess> {
  const [databases, certificates] = [await testVaultDatabases(), await houseCertificates(home, systemClock)];
  const socket = join(home, 'run', 'vault.sock');
  const environment = {
    VAULT_DATABASE_URL: reached(databases.urls.vault),
    VAULT_SHRED_DATABASE_URL: databases.urls.shred,
    KURAMORI_VAULT_PORT: '0',
    KURAMORI_VAULT_TLS_KEY_FILE: certificates.vault.keyFile,
    KURAMORI_VAULT_TLS_CERTIFICATE_FILE: certificates.vault.certificateFile,
    KURAMORI_VAULT_TLS_CA_FILE: certificates.caFile,
    KURAMORI_VAULT_MUNICIPALITY: MUNICIPALITY,
    KURAMORI_VAULT_SOCKET: socket,
    KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(home, 'erasures.jsonl'),
    KURAMORI_VAULT_SEAL: 'file',
    KURAMORI_VAULT_SEAL_KEY_FILE: join(home, 'vault-root.key'),
    KURAMORI_VAULT_LOG_LEVEL: 'debug',
    ...settings,
  };
  const running = await startProcess({ argument: 'vault', environment });
  const administer: VaultProcess['administer'] = (command, input = {}) =>
    callAdministration(socket, command, input, 'hanako');
  await administer('init', { makeKey: true });
  await administer('open');
  for (const personId of ['OFFICER-1', 'OFFICER-2']) await enterPerson(administer, personId, 'unitOfficer');
  await enterPerson(administer, 'AUDITOR-1', 'auditOfficer');
  const anchor = (await administer('anchor')) as Anchor;
  const ca = readFileSync(certificates.caFile, 'utf8');
  const person: VaultProcess['person'] = (personId, entry = {}) => enrol(administer, personId, entry);
  return { running, databases, certificates, ca, socket, environment, anchor, administer, person };
}

type Administer = VaultProcess['administer'];

async function enrol(administer: Administer, personId: string, wanted: PersonWanted): Promise<VaultPerson> {
  const { terminalId = `T-${personId}`, zone = 'workZone', role = 'handler' } = wanted;
  await enterPerson(administer, personId, role);
  await administer('staff.terminal', { terminalId, zone, unit: 'nozei' });
  const key = await newTerminalKey();
  const { credentialId } = (await administer('staff.credential', {
    personId,
    terminalId,
    publicJwk: key.publicJwk,
  })) as { credentialId: string };
  const { secret } = (await administer('staff.factor', { personId })) as { secret: string };
  if (role === 'handler')
    await giveGrant(administer, personId, wanted.operations ?? ['register', 'resolve', 'reveal', 'status']);
  const context = {
    credentialId,
    terminalId,
    personId,
    municipality: MUNICIPALITY,
    purpose: PURPOSE,
    basis: BASIS,
    caseId: CASE,
  };
  return { personId, key, context, nextCode: codes(fromBase32(secret)) };
}

async function enterPerson(administer: Administer, personId: string, role: string): Promise<void> {
  const day = today(systemClock);
  const trained = { trainedOn: day, secrecyAcceptedOn: day };
  await administer('staff.person', {
    personId,
    unit: 'nozei',
    role,
    employmentFrom: '2020-04-01',
    ...trained,
  });
}

async function giveGrant(
  administer: Administer,
  personId: string,
  operations: readonly string[],
): Promise<void> {
  const day = today(systemClock);
  const { grantId } = (await administer('staff.grant', {
    personId,
    purpose: PURPOSE,
    operations,
    validFrom: day,
    validTo: day,
    requestedBy: 'OFFICER-1',
  })) as { grantId: string };
  await administer('staff.approve', { grantId, by: 'OFFICER-2' });
}

function codes(secret: Uint8Array): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, totpStep(Date.now()));
    return totpCode(secret, last);
  };
}
