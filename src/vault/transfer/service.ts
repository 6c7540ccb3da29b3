import type { Logger } from 'pino';
import type { VaultConfiguration } from '../../config/vault.js';
import type { VaultContext } from '../context.js';
import type { AdminHandler } from '../http/admin.js';
import type { ServiceDeps } from '../http/service.js';
import type { VaultService } from '../opening.js';
import { transferAdministration } from './administration.js';
import { registerTransfers } from './http/routes.js';
import { keepTransfers } from './keep.js';
import { Transfers } from './transfers.js';

/** What transfers add to a vault that listens. */
export interface TransferService {
  readonly routes: NonNullable<ServiceDeps['moreRoutes']>;
  readonly handlers: Readonly<Record<string, AdminHandler>>;
  /** Begins what goes on by itself. @returns ends it */
  keep(logger: Pick<Logger, 'warn'>): () => Promise<void>;
}

/** 移管 of a vault; without a folder for them it has no routes, and its commands say so. */
export function transferService(
  configuration: VaultConfiguration,
  context: VaultContext,
  vault: Pick<VaultService, 'inService' | 'assertInService'>,
): TransferService {
  const transfers = transfersOf(configuration, context);
  const assertInService = () => vault.assertInService();
  return {
    routes: (app, callerOf) => {
      if (transfers !== undefined) registerTransfers(app, transfers, assertInService, callerOf);
    },
    handlers: transferAdministration(context, transfers, assertInService),
    keep: (logger) =>
      transfers === undefined
        ? () => Promise.resolve()
        : keepTransfers(transfers, () => vault.inService, logger),
  };
}

function transfersOf(configuration: VaultConfiguration, context: VaultContext): Transfers | undefined {
  const { transferFolder: folder, organizationKey, organizationCertificate, organizationCa } = configuration;
  if (folder === undefined) return undefined;
  const organization =
    organizationKey === undefined || organizationCertificate === undefined || organizationCa === undefined
      ? undefined
      : { key: organizationKey, certificate: organizationCertificate, ca: organizationCa };
  return new Transfers(context, { folder, organization });
}
