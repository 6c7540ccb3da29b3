import { constants as crypto } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import { constants, createSecureServer, type ServerHttp2Session } from 'node:http2';
import {
  INTERMEDIARY_BATCH_MS_MAX,
  INTERMEDIARY_CONNECTIONS_MAX,
  INTERMEDIARY_STREAMS_MAX,
  VAULT_HANDSHAKE_MS_MAX,
  VAULT_HEADER_BYTES_MAX,
  VAULT_IDLE_MS_MAX,
} from '../../../kernel/limits.js';
import type { DoorTls } from '../../door.js';

/** The door for HTTP/2, and the sessions that came in by it. */
export interface Http2Door {
  /** The server, once it is known who answers. */
  readonly listenedToBy: (listener: RequestListener) => Server;
  /** Lets sessions finish what is under way; nothing new comes in by them. */
  closeSessions(): void;
  /** Ends them at once. */
  endSessions(): void;
}

/**
 * The line to a municipality ends here: HTTP/2 alone, over TLS 1.3, with a client certificate of the authority.
 * HTTP/1.1 is not spoken: nobody is left who needs it.
 */
export function createHttp2Door({ key, certificate, ca }: DoorTls): Http2Door {
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({
    key,
    cert: certificate,
    ca: [ca],
    minVersion: 'TLSv1.3',
    allowHTTP1: false,
    requestCert: true,
    rejectUnauthorized: true,
    // A resumed session would not be asked for its certificate again.
    secureOptions: crypto.SSL_OP_NO_TICKET,
    handshakeTimeout: VAULT_HANDSHAKE_MS_MAX,
    unknownProtocolTimeout: VAULT_HANDSHAKE_MS_MAX,
    settings: {
      enablePush: false,
      maxConcurrentStreams: INTERMEDIARY_STREAMS_MAX,
      maxHeaderListSize: VAULT_HEADER_BYTES_MAX,
    },
  });
  server.maxConnections = INTERMEDIARY_CONNECTIONS_MAX;
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    session.setTimeout(VAULT_IDLE_MS_MAX, () => session.close());
  });
  server.on('stream', (stream) => {
    const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), INTERMEDIARY_BATCH_MS_MAX);
    stream.once('close', () => clearTimeout(late));
    stream.on('error', () => undefined);
  });
  return {
    // Fastify speaks to the compatible interface of node:http2, of which its types know nothing.
    listenedToBy: (listener) => server.on('request', listener as never) as unknown as Server,
    closeSessions: () => sessions.forEach((session) => session.close()),
    endSessions: () => sessions.forEach((session) => session.destroy()),
  };
}
