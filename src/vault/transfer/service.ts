import type { Logger } from 'pino';
import { contentOf, type TlsFiles } from '../../config/tlsFiles.js';
import type { VaultConfiguration } from '../../config/vault.js';
import type { VaultContext } from '../context.js';
import type { AdminHandler } from '../http/admin.js';
import type { ServiceDeps } from '../http/service.js';
import type { VaultService } from '../opening.js';
import { renewOrganizationTls } from '../renewal.js';
import { transferAdministration } from './administration.js';
import { registerTransfers } from './http/routes.js';
import { keepTransfers } from './keep.js';
import { Transfers } from './transfers.js';

/** What transfers add to a vault that listens. */
export interface TransferService {
  readonly routes: NonNullable<ServiceDeps['moreRoutes']>;
  readonly handlers: Readonly<Record<string, AdminHandler>>;
  /** Looks at key, certificate and authority towards organizations now. */
  reloadTls(): void;
  /** Begins what goes on by itself. @returns ends it */
  keep(): () => Promise<void>;
}

/**
 * 移管 of a vault; without a folder for them it has no routes, and its commands say so. What a process that was killed
 * has left is cleared away when it resolves: before anything comes in.
 */
export async function transferService(
  configuration: VaultConfiguration,
  context: VaultContext,
  vault: Pick<VaultService, 'inService' | 'assertInService'>,
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
): Promise<TransferService> {
  const files = organizationFiles(configuration);
  const transfers = transfersOf(configuration, context, files);
  await transfers?.begin();
  const reloader =
    transfers && files && renewOrganizationTls(context, files, (tls) => transfers.replaceTls(tls), logger);
  const assertInService = () => vault.assertInService();
  const roundMs = configuration.transferRoundSeconds * 1_000;
  return {
    routes: (app, callerOf) => {
      if (transfers !== undefined) registerTransfers(app, transfers, assertInService, callerOf);
    },
    handlers: transferAdministration(context, transfers, assertInService),
    reloadTls: () => reloader?.reload(),
    keep: () => {
      const end = transfers && keepTransfers(transfers, () => vault.inService, logger, roundMs);
      return async () => {
        reloader?.close();
        await end?.();
      };
    },
  };
}

function transfersOf(
  { transferFolder: folder }: VaultConfiguration,
  context: VaultContext,
  files: TlsFiles | undefined,
): Transfers | undefined {
  return folder === undefined
    ? undefined
    : new Transfers(context, { folder, organization: files && contentOf(files) });
}

/** All of them or none: the configuration has seen to that. */
function organizationFiles({
  organizationKey: key,
  organizationCertificate: certificate,
  organizationCa: ca,
}: VaultConfiguration): TlsFiles | undefined {
  if (key === undefined || certificate === undefined || ca === undefined) return undefined;
  return { key, certificate, ca };
}
