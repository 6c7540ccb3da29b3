import type { Server } from 'node:https';
import type { Logger } from 'pino';
import { TlsReloader, type TlsChange, type TlsFiles, type TlsPem } from '../config/tlsFiles.js';
import { isKuramoriError } from '../kernel/errors.js';
import { serviceOf } from './client/service.js';
import type { VaultContext } from './context.js';
import { endStanding, replaceDoorTls } from './http/door.js';
import { sealRecord } from './opening.js';

type RenewalContext = Pick<VaultContext, 'audit' | 'clock'>;
type RenewalLogger = Pick<Logger, 'info' | 'error'>;

/** Renews key, certificate and authority of the vault's door while it stands open; each change is an entry. */
export function renewTls(
  context: RenewalContext,
  files: TlsFiles,
  server: Server,
  logger: RenewalLogger,
): TlsReloader {
  let authority = files.ca.content;
  return new TlsReloader(files, {
    clock: context.clock,
    isOurs: (name) => serviceOf(name) === 'vault',
    take: (pem) => {
      replaceDoorTls(server, pem);
      if (pem.ca !== authority) endStanding(server);
      authority = pem.ca;
    },
    tell: (change) => noteChange(context, change, 'Vault.certificate', logger),
  });
}

/**
 * Renews key, certificate and authority towards organizations (滞納整理機構) from the next call on; each change is an
 * entry. The certificate may be of another authority than theirs: the organization decides whose it takes.
 */
export function renewOrganizationTls(
  context: RenewalContext,
  files: TlsFiles,
  take: (pem: TlsPem) => void,
  logger: RenewalLogger,
): TlsReloader {
  return new TlsReloader(files, {
    clock: context.clock,
    isOurs: () => true,
    issuer: 'any',
    take,
    tell: (change) => noteChange(context, change, 'Vault.organizationCertificate', logger),
  });
}

/** The certificate serves whether the log takes its entry or not: nothing can be asked under one that has ended. */
function noteChange(
  context: RenewalContext,
  change: TlsChange,
  coordinate: 'Vault.certificate' | 'Vault.organizationCertificate',
  logger: RenewalLogger,
): void {
  if (change.taken)
    logger.info({ coordinate, fingerprint: change.fingerprint }, 'another certificate is shown');
  else
    logger.error(
      { coordinate, fault: change.fault },
      'the new certificate is refused; the old one serves on',
    );
  const [decision, reason] = change.taken
    ? (['allow', `certificate:${change.fingerprint}`] as const)
    : (['refuse', change.fault] as const);
  context.audit.append(sealRecord(context, coordinate, 'files', decision, reason)).catch((error: unknown) => {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.error({ code }, 'the change of the certificate could not be written into the log');
  });
}
