import { createServer, type Server } from 'node:https';
import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { isIP, type BlockList, type Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { TlsPem } from '../../config/tlsFiles.js';
import { addressKey, withoutMapping } from '../../kernel/address.js';
import {
  VAULT_ADDRESS_CONNECTIONS_BURST_MAX,
  VAULT_ADDRESS_CONNECTIONS_PER_SECOND_MAX,
  VAULT_CONNECTIONS_MAX,
  VAULT_HANDSHAKE_MS_MAX,
  VAULT_HEADER_BYTES_MAX,
  VAULT_IDLE_MS_MAX,
  VAULT_REQUEST_CHECK_MS,
  VAULT_REQUEST_MS_MAX,
} from '../../kernel/limits.js';
import type { ServiceRefusalReason, ServiceRefusals } from './refusals.js';
import { Throttle, type ThrottleBounds } from './throttle.js';

export interface DoorOptions {
  /** What the vault shows of itself, and whom it believes. */
  readonly tls: TlsPem;
  /** Addresses that may connect. */
  readonly sources: BlockList;
  readonly refusals: ServiceRefusals;
  /** Of one address; the default is the limit of `limits.ts`. */
  readonly connections?: ThrottleBounds;
}

const CONNECTIONS: ThrottleBounds = {
  burst: VAULT_ADDRESS_CONNECTIONS_BURST_MAX,
  perSecond: VAULT_ADDRESS_CONNECTIONS_PER_SECOND_MAX,
};

/**
 * The vault's door: TLS 1.3 alone, a client certificate of our authority, and the source looked at on the raw socket
 * before a byte of it is read (handbook 15 §8.2).
 */
export function createDoor(options: DoorOptions, listener: RequestListener): Server {
  const { tls, refusals } = options;
  const server = createServer(
    {
      ...contextOf(tls),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: VAULT_HANDSHAKE_MS_MAX,
      headersTimeout: VAULT_REQUEST_MS_MAX,
      requestTimeout: VAULT_REQUEST_MS_MAX,
      connectionsCheckingInterval: VAULT_REQUEST_CHECK_MS,
      keepAliveTimeout: VAULT_IDLE_MS_MAX,
      maxHeaderSize: VAULT_HEADER_BYTES_MAX,
    },
    listener,
  );
  server.maxConnections = VAULT_CONNECTIONS_MAX;
  noteStanding(server);
  // HTTP's own listener would take it for a broken request.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const reason = handshakeReason(error, socket);
    refusals.note({ coordinate: 'Vault.connection', reason, address: addressUnder(socket as object) });
    socket.destroy();
  });
  guardSources(server, options);
  return server;
}

/** Shows another certificate, and believes another authority, from the next connection on. */
export function replaceDoorTls(server: Server, tls: TlsPem): void {
  server.setSecureContext(contextOf(tls));
}

/**
 * Ends the connections that stand, for they were let in by what was believed before: idle ones now, the others when
 * their request has had its time.
 */
export function endStanding(server: Server): void {
  const standing = [...(standingAt.get(server) as Set<TLSSocket>)];
  server.closeIdleConnections();
  setTimeout(() => {
    for (const socket of standing) socket.destroy();
  }, VAULT_REQUEST_MS_MAX).unref();
}

function contextOf(tls: TlsPem): SecureContextOptions {
  return {
    key: tls.key,
    cert: tls.certificate,
    ca: [tls.ca],
    minVersion: 'TLSv1.3',
    // A resumed session would not be asked for its certificate again.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** Connections that were let in. */
const standingAt = new WeakMap<Server, Set<TLSSocket>>();

function noteStanding(server: Server): void {
  const standing = new Set<TLSSocket>();
  standingAt.set(server, standing);
  server.on('secureConnection', (socket: TLSSocket) => {
    standing.add(socket);
    socket.once('close', () => standing.delete(socket));
  });
}

/** Puts the look at the source in front of TLS's own listener. */
function guardSources(server: Server, { sources, refusals, connections }: DoorOptions): void {
  const throttle = new Throttle(connections ?? CONNECTIONS);
  const accept = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // Asked now, the address is still known when the socket has been destroyed.
    const address = addressOf(socket);
    const reason = refusalAtTheDoor(address, sources, throttle);
    if (reason === undefined) {
      for (const each of accept) each.call(server, socket);
      return;
    }
    socket.destroy();
    refusals.note({ coordinate: 'Vault.connection', reason, address });
  });
}

function refusalAtTheDoor(
  address: string,
  sources: BlockList,
  throttle: Throttle,
): ServiceRefusalReason | undefined {
  if (!isAllowedSource(address, sources)) return 'sourceNotAllowed';
  return throttle.take(addressKey(address)) ? undefined : 'tooManyConnections';
}

/** Whether an address is on the list; one that is no address is not. */
export function isAllowedSource(address: string, sources: BlockList): boolean {
  const bare = withoutMapping(address);
  const version = isIP(bare);
  return version !== 0 && sources.check(bare, version === 4 ? 'ipv4' : 'ipv6');
}

/** Where a socket comes from; empty when the other side was gone before anybody looked. */
export function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? '';
}

/** A TLS socket that was destroyed has forgotten its address; the one under it was asked while it stood. */
export function addressUnder(socket: { readonly _parent?: Socket | null }): string {
  const { _parent: under } = socket;
  return under?.remoteAddress ?? '';
}

const HANDSHAKE_REASONS: Readonly<Record<string, ServiceRefusalReason>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'noCertificate',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tlsVersion',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'handshakeTimeout',
};

function handshakeReason(error: NodeJS.ErrnoException, socket: TLSSocket): ServiceRefusalReason {
  const verification = socket.authorizationError as unknown;
  if (verification === 'CERT_HAS_EXPIRED') return 'certificateExpired';
  if (verification) return 'certificateNotAccepted';
  return HANDSHAKE_REASONS[String(error.code)] ?? 'handshake';
}
