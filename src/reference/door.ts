import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  VAULT_HANDSHAKE_MS_MAX,
  VAULT_HEADER_BYTES_MAX,
  VAULT_IDLE_MS_MAX,
  VAULT_REQUEST_CHECK_MS,
} from '../kernel/limits.js';
import { serviceOf } from '../vault/client/service.js';

/** What the server shows of itself, and the one authority whose client certificates it believes. PEM. */
export interface DoorTls {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

/** What one server allows at its door. */
export interface DoorLimits {
  readonly connectionsMax: number;
  /** Milliseconds until the head of a request is there, and until all of it is. */
  readonly headersMs: number;
  readonly requestMs: number;
}

/** The line to a municipality ends here: TLS 1.3 alone, and a client certificate of the authority. */
export function createDoor(
  { key, certificate, ca }: DoorTls,
  { connectionsMax, headersMs, requestMs }: DoorLimits,
  listener: RequestListener,
): Server {
  const server = createServer(
    {
      key,
      cert: certificate,
      ca: [ca],
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: true,
      // A resumed session would not be asked for its certificate again.
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: VAULT_HANDSHAKE_MS_MAX,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: VAULT_REQUEST_CHECK_MS,
      keepAliveTimeout: VAULT_IDLE_MS_MAX,
      maxHeaderSize: VAULT_HEADER_BYTES_MAX,
    },
    listener,
  );
  server.maxConnections = connectionsMax;
  return server;
}

/**
 * The service at the other end, by the client certificate that TLS has verified.
 * @param nowMs milliseconds since the epoch: TLS looks at the validity once, a connection lasts longer
 */
export function serviceAt(socket: Socket, nowMs: number): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || nowMs >= Date.parse(certificate.validTo)) return undefined;
  return serviceOf(certificate.subjectAltName);
}
