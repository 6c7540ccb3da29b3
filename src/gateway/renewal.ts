import type { Server } from 'node:https';
import { TlsReloader, type KeyPairPem, type TlsFiles } from '../config/tlsFiles.js';
import { noteCertificate, type NoteParts } from '../vault/client/connection.js';

/** Key and certificate chain by which front ends know the gateway. */
export type ListenerFiles = TlsFiles<KeyPairPem>;

/** The lowest version that is spoken. */
export const TLS_VERSION_MIN = 'TLSv1.3';

/**
 * Renews key and certificate of the gateway's own listener while it stands open; each change is an entry. Connections
 * that stand go on under what they were opened with. Whom front ends trust they know themselves: no authority is asked.
 */
export function renewListenerTls(
  files: ListenerFiles,
  server: Server,
  parts: Omit<NoteParts, 'coordinate'>,
): TlsReloader<KeyPairPem> {
  return new TlsReloader<KeyPairPem>(files, {
    clock: parts.clock,
    isOurs: (name) => name !== undefined,
    take: ({ key, certificate: cert }) => server.setSecureContext({ key, cert, minVersion: TLS_VERSION_MIN }),
    tell: (change) => noteCertificate(change, { ...parts, coordinate: 'Gateway.certificate' }),
  });
}
