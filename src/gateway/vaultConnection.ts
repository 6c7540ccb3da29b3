import type { GatewayConfiguration } from '../config/gateway.js';
import { KuramoriError } from '../kernel/errors.js';
import {
  openVaultConnection,
  type ConnectionParts,
  type VaultConnection,
} from '../vault/client/connection.js';

/**
 * Opens the gateway's way to the vault, when one is named; its certificate is renewed without a restart.
 * @throws KuramoriError CONFIGURATION_INVALID when the vault is named and how to reach it is not
 */
export function connectVault(
  configuration: GatewayConfiguration,
  parts: Omit<ConnectionParts, 'coordinate'>,
): VaultConnection | undefined {
  const { vaultUrl: url, vaultCa: ca, vaultKey: key, vaultCertificate: certificate } = configuration;
  if (url === undefined) return undefined;
  if (ca === undefined || key === undefined || certificate === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_VAULT_URL needs KURAMORI_VAULT_CLIENT_CA_FILE, _KEY_FILE and _CERTIFICATE_FILE beside it.',
    );
  }
  const coordinate = 'Gateway.vaultCertificate';
  return openVaultConnection({ url, files: { ca, key, certificate } }, { ...parts, coordinate });
}
