import { GATEWAY_SETTINGS } from '../config/gateway.js';
import { readSettings } from '../config/setting.js';
import { contentOf } from '../config/tlsFiles.js';
import { KuramoriError } from '../kernel/errors.js';
import { openTransferVault, type TransferVault } from '../vault/client/transfer.js';
import { findRunning, houseHome } from './house/home.js';

const { vaultUrl, vaultCa, vaultKey, vaultCertificate } = GATEWAY_SETTINGS;
const SETTINGS = { vaultUrl, vaultCa, vaultKey, vaultCertificate } as const;

/**
 * The vault for transfers: the one that the environment names as the gateway's does, or that of the running house.
 * Nothing connects before the first call.
 * @param requestId of the step, under which its entries stand in both logs
 * @throws KuramoriError CONFIGURATION_INVALID when neither is there
 */
export function openHouseTransferVault(environment: NodeJS.ProcessEnv, requestId: string): TransferVault {
  const named = environment[SETTINGS.vaultUrl.name] === undefined ? runningVault(environment) : environment;
  const settings = readSettings(SETTINGS, onlyOurs(named));
  const { vaultUrl: url, vaultCa: ca, vaultKey: key, vaultCertificate: certificate } = settings;
  if (url === undefined || ca === undefined || key === undefined || certificate === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'No vault is named. Set KURAMORI_VAULT_URL and the files of the client beside it, or start the house.',
    );
  }
  return openTransferVault({ url, ...contentOf({ ca, key, certificate }), requestId });
}

function runningVault(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return findRunning(houseHome(environment))?.forVault ?? {};
}

/** Other processes of the house have settings of their own in the same environment. */
function onlyOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.values(SETTINGS).map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
