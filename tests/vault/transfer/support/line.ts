import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { houseCertificates, type HouseCertificates } from '../../../../src/cli/house/certificates.js';
import { readOrganizationConfiguration } from '../../../../src/config/organization.js';
import { systemClock } from '../../../../src/kernel/clock.js';
import { startOrganization, type RunningOrganization } from '../../../../src/reference/organization/start.js';
import { openTransferVault, type TransferVault } from '../../../../src/vault/client/transfer.js';
import { ServiceRefusals } from '../../../../src/vault/http/refusals.js';
import { buildService } from '../../../../src/vault/http/service.js';
import type { OrganizationTls } from '../../../../src/vault/transfer/delivery/organizationClient.js';
import { registerTransfers } from '../../../../src/vault/transfer/http/routes.js';
import type { Transfers } from '../../../../src/vault/transfer/transfers.js';
import { sources } from '../../http/support.js';
import { afterFile, afterwards } from '../../../support/afterwards.js';

/** Certificates of one house, and the folder that they lie in. */
export async function houseOf(home: string): Promise<HouseCertificates> {
  return houseCertificates(home, systemClock);
}

const pem = (file: string) => readFileSync(file, 'utf8');

/** With what the vault asks an organization. */
export function vaultAsks({ caFile, vaultClient }: HouseCertificates): OrganizationTls {
  return { ca: pem(caFile), key: pem(vaultClient.keyFile), certificate: pem(vaultClient.certificateFile) };
}

/** The reference organization, in a folder of the test, with the tests' ways to steer it. */
export async function organizationIn(
  home: string,
  { caFile, organization }: HouseCertificates,
  port = 0,
): Promise<RunningOrganization> {
  mkdirSync(join(home, 'organization'), { recursive: true });
  const configuration = readOrganizationConfiguration({
    KURAMORI_ORGANIZATION_DATA: join(home, 'organization'),
    KURAMORI_ORGANIZATION_PORT: String(port),
    KURAMORI_ORGANIZATION_TLS_KEY_FILE: organization.keyFile,
    KURAMORI_ORGANIZATION_TLS_CERTIFICATE_FILE: organization.certificateFile,
    KURAMORI_ORGANIZATION_TLS_CA_FILE: caFile,
    KURAMORI_ORGANIZATION_LOG_LEVEL: 'silent',
  });
  const running = await startOrganization(configuration);
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= running.stop());
  afterFile(stop);
  return { ...running, stop };
}

/** What the organization registers of the municipality. */
export function registerSender(
  home: string,
  bodyCode: string,
  keys: { readonly transferKey: string; readonly recipient: string },
): void {
  const sender = {
    bodyCode,
    name: '架空市',
    transferKeys: [keys.transferKey],
    recipients: [{ recipient: keys.recipient, validUntil: '2028-01-01T00:00:00Z' }],
  };
  writeFileSync(join(home, 'organization', 'senders.json'), JSON.stringify([sender]));
}

/** How the organization answers. */
export function steer(home: string, plan: object): void {
  writeFileSync(join(home, 'organization', 'plan.json'), JSON.stringify(plan));
}

/** The vault's routes for transfers on a real port, and a client as the worker has it. */
export async function transferClient(
  transfers: Transfers,
  { caFile, vault, worker }: HouseCertificates,
  requestId?: string,
): Promise<{ readonly client: TransferVault; readonly address: string }> {
  const { audit, clock } = transfers.context;
  const refusals = new ServiceRefusals(audit, clock, () => undefined);
  const app = buildService(
    {
      runOperation: () => Promise.reject(new Error('no operation goes this way')),
      publishedKeys: () => ({ keys: [], signed: '' }),
      assertOpen: () => undefined,
      assertReady: () => Promise.resolve(),
      refusals,
      clock: systemClock,
      pushChanges: () => Promise.reject(new Error('nobody asks for pushes here')),
      moreRoutes: (routes, callerOf) => registerTransfers(routes, transfers, () => undefined, callerOf),
    },
    {
      tls: { key: pem(vault.keyFile), certificate: pem(vault.certificateFile), ca: pem(caFile) },
      sources: sources('127.0.0.1'),
      services: new Set(['worker']),
    },
    pino({ level: 'silent' }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const address = `https://127.0.0.1:${port}`;
  const client = openTransferVault({
    url: address,
    ca: pem(caFile),
    key: pem(worker.keyFile),
    certificate: pem(worker.certificateFile),
    ...(requestId !== undefined && { requestId }),
  });
  afterwards(async () => {
    client.close();
    app.server.closeAllConnections();
    await app.close();
    await refusals.close();
  });
  return { client, address };
}
