import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AuditLog } from '../../audit/log.js';
import type { AuditRecord } from '../../audit/record.js';
import { contentOf, TlsReloader, type TlsChange, type TlsFiles } from '../../config/tlsFiles.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import { isKuramoriError } from '../../kernel/errors.js';
import { openVaultClient, type VaultClient } from './client.js';
import { serviceOf } from './service.js';

/** A service's way to the vault. */
export interface VaultConnection {
  readonly client: VaultClient;
  /** Looks at key, certificate and authority now. */
  readonly reloadTls: () => void;
  readonly close: () => void;
}

/** Where the vault is, and by what a service shows it who it is. */
export interface VaultPlace {
  /** `https://host:port` */
  readonly url: string;
  readonly files: TlsFiles;
}

/** Where the change of a certificate is noted. */
export interface NoteParts {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** Coordinate under which the log has another certificate. */
  readonly coordinate: 'Gateway.certificate' | 'Gateway.vaultCertificate' | 'Worker.vaultCertificate';
}

/** What a connection is opened with. */
export type ConnectionParts = NoteParts;

/** Opens the way to the vault; its certificate is renewed without a restart. */
export function openVaultConnection({ url, files }: VaultPlace, parts: ConnectionParts): VaultConnection {
  const client = openVaultClient({ url, ...contentOf(files) });
  const reloader = new TlsReloader(files, {
    clock: parts.clock,
    isOurs: (name) => serviceOf(name) !== undefined && serviceOf(name) !== 'vault',
    take: (pem) => client.replaceTls(pem),
    tell: (change) => noteCertificate(change, parts),
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

/**
 * Notes another certificate, or why it is not taken. It serves whether the log takes its entry or not: without it
 * nothing would be logged at all soon.
 */
export function noteCertificate(change: TlsChange, { audit, clock, logger, coordinate }: NoteParts): void {
  if (change.taken)
    logger.info({ coordinate, fingerprint: change.fingerprint }, 'another certificate serves');
  else
    logger.error(
      { coordinate, fault: change.fault },
      'the new certificate is refused; the old one serves on',
    );
  audit.append(changeRecord(change, clock, coordinate)).catch((error: unknown) => {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.error({ code }, 'the change of the certificate could not be written into the log');
  });
}

function changeRecord(change: TlsChange, clock: Clock, coordinate: string): AuditRecord {
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
    entries: [{ coordinate, decision, reason, rows: 0, subjects: [], raised: true }],
  };
}
