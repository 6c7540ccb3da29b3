import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openVaultClient, type VaultClient } from '../../../../src/vault/client/client.js';
import { readFileSync } from 'node:fs';
import type { Pem } from './certificates.js';
import type { Drop } from './drop.js';
import type { PeerServer } from './peerServer.js';
import { startVaultProcess, type VaultProcess } from '../../processes/vault.js';
import { startProcess, type Running } from '../../processes/process.js';

/** A vault process that pushes to a peer, and that can be killed and started again on what it left. */
export interface PushingProcess {
  readonly vault: VaultProcess;
  /** To the process that runs now. */
  client(): VaultClient;
  /** Ends it by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, and opens it. */
  restart(): Promise<void>;
}

/**
 * @param own settings beside those of the link
 * @param drop without one it reaches the peer over the network
 */
export async function startPushingProcess(
  home: string,
  server: PeerServer,
  linkage: Pem,
  ca: string,
  {
    drop,
    own = {},
  }: { readonly drop?: Drop | undefined; readonly own?: Readonly<Record<string, string>> } = {},
): Promise<PushingProcess> {
  const file = (name: string, content: string) => {
    const path = join(home, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const settings = {
    ...(drop === undefined
      ? { KURAMORI_VAULT_INTERMEDIARY_URL: server.url }
      : {
          KURAMORI_VAULT_INTERMEDIARY_DROP_FOLDER: drop.folder,
          KURAMORI_VAULT_INTERMEDIARY_DROP_KEY_FILE: file('drop.pub.pem', drop.publicKey),
        }),
    KURAMORI_VAULT_INTERMEDIARY_KEY_FILE: file('linkage.key.pem', linkage.key),
    KURAMORI_VAULT_INTERMEDIARY_CERTIFICATE_FILE: file('linkage.crt.pem', linkage.certificate),
    KURAMORI_VAULT_INTERMEDIARY_CA_FILE: file('network.crt.pem', ca),
    KURAMORI_VAULT_INTERMEDIARY_BODY_CODE: '0220000000992011',
    KURAMORI_VAULT_INTERMEDIARY_BODY_NAME: '見本市',
    KURAMORI_VAULT_INTERMEDIARY_LAYOUT: '2026-07',
    KURAMORI_VAULT_LOG_LEVEL: 'warn',
    ...own,
  };
  const vault = await startVaultProcess(home, settings);
  let running: Running = vault.running;
  let opened: VaultClient | undefined;
  const { gateway } = vault.certificates;
  const client = () =>
    (opened ??= openVaultClient({
      url: running.address,
      ca: vault.ca,
      key: readFileSync(gateway.keyFile, 'utf8'),
      certificate: readFileSync(gateway.certificateFile, 'utf8'),
    }));
  return {
    vault,
    client,
    kill: async () => {
      opened?.close();
      opened = undefined;
      await running.kill();
    },
    restart: async () => {
      running = await startProcess({ argument: 'vault', environment: vault.environment });
    },
  };
}
