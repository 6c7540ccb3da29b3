import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AuditLog } from '../audit/log.js';
import type { AuditRecord } from '../audit/record.js';
import type { GatewayConfiguration } from '../config/gateway.js';
import { contentOf, TlsReloader, type TlsChange } from '../config/tlsFiles.js';
import { instantText, type Clock } from '../kernel/clock.js';
import { isKuramoriError, KuramoriError } from '../kernel/errors.js';
import { openVaultClient, type VaultClient } from '../vault/client/client.js';
import { serviceOf } from '../vault/client/service.js';

/** The gateway's way to the vault. */
export interface VaultConnection {
  readonly client: VaultClient;
  /** Looks at key, certificate and authority now. */
  readonly reloadTls: () => void;
  readonly close: () => void;
}

interface ConnectionParts {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/**
 * Opens the way to the vault, when one is named; its certificate is renewed without a restart.
 * @throws KuramoriError CONFIGURATION_INVALID when the vault is named and how to reach it is not
 */
export function connectVault(
  configuration: GatewayConfiguration,
  parts: ConnectionParts,
): VaultConnection | undefined {
  const { vaultUrl, vaultCa: ca, vaultKey: key, vaultCertificate: certificate } = configuration;
  if (vaultUrl === undefined) return undefined;
  if (ca === undefined || key === undefined || certificate === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_VAULT_URL needs KURAMORI_VAULT_CLIENT_CA_FILE, _KEY_FILE and _CERTIFICATE_FILE beside it.',
    );
  }
  const files = { ca, key, certificate };
  const client = openVaultClient({ url: vaultUrl, ...contentOf(files) });
  const reloader = new TlsReloader(files, {
    clock: parts.clock,
    isOurs: (name) => serviceOf(name) !== undefined && serviceOf(name) !== 'vault',
    take: (pem) => client.replaceTls(pem),
    tell: (change) => noteChange(change, parts),
  });
  return {
    client,
    reloadTls: () => reloader.reload(),
    close: () => {
      reloader.close();
      client.close();
    },
  };
}

/** A certificate serves whether the log takes its entry or not: without it nothing would be logged at all soon. */
function noteChange(change: TlsChange, { audit, clock, logger }: ConnectionParts): void {
  if (change.taken) logger.info({ fingerprint: change.fingerprint }, 'another certificate towards the vault');
  else
    logger.error(
      { fault: change.fault },
      'the new certificate towards the vault is refused; the old one serves on',
    );
  audit.append(changeRecord(change, clock)).catch((error: unknown) => {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.error({ code }, 'the change of the certificate could not be written into the log');
  });
}

function changeRecord(change: TlsChange, clock: Clock): AuditRecord {
  const { decision, reason } = change.taken
    ? ({ decision: 'allow', reason: `certificate:${change.fingerprint}` } as const)
    : ({ decision: 'refuse', reason: change.fault } as const);
  return {
    kind: 'configuration',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: 'system',
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: '',
    clientApp: 'kuramori',
    purpose: 'MAINTENANCE',
    entries: [
      { coordinate: 'Gateway.vaultCertificate', decision, reason, rows: 0, subjects: [], raised: true },
    ],
  };
}
