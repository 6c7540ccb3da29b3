import type { TransferVault } from '../collection/transfer/vault.js';
import { KuramoriError } from '../kernel/errors.js';

/**
 * The vault for transfers.
 * @throws KuramoriError CONFIGURATION_INVALID: this release of the vault takes none
 */
export function openHouseTransferVault(): TransferVault & { close(): void } {
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'No vault that takes transfers is named. Install the release whose vault does.',
  );
}
