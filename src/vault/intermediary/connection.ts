import { connect, type ClientHttp2Session } from 'node:http2';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { IntermediaryHttpSettings } from '../../config/intermediaryLink.js';
import {
  INTERMEDIARY_BATCH_MS_MAX,
  INTERMEDIARY_CONNECT_MS_MAX,
  INTERMEDIARY_CONNECTION_MS_MAX,
  INTERMEDIARY_IDLE_MS_MAX,
  INTERMEDIARY_PING_MS_MAX,
  INTERMEDIARY_QUIET_MS,
  VAULT_HEADER_BYTES_MAX,
} from '../../kernel/limits.js';
import { serviceOf } from '../client/service.js';

/** How long a connection may take over what, milliseconds. */
export interface ConnectionTimes {
  readonly connectMs: number;
  readonly quietMs: number;
  readonly pingMs: number;
  readonly idleMs: number;
  readonly wholeMs: number;
}

const TIMES: ConnectionTimes = {
  connectMs: INTERMEDIARY_CONNECT_MS_MAX,
  quietMs: INTERMEDIARY_QUIET_MS,
  pingMs: INTERMEDIARY_PING_MS_MAX,
  idleMs: INTERMEDIARY_IDLE_MS_MAX,
  wholeMs: INTERMEDIARY_CONNECTION_MS_MAX,
};

/**
 * The one HTTP/2 connection to the one server that is configured: TLS 1.3, one authority, one service name. It is made
 * when it is needed, asked for a sign of life when it was quiet, and replaced when it ends (GOAWAY, loss, age).
 */
export class Connection {
  readonly #settings: IntermediaryHttpSettings;
  readonly #times: ConnectionTimes;
  #session: ClientHttp2Session | undefined;
  #heardAt = 0;
  #standing: Promise<ClientHttp2Session | undefined> | undefined;
  readonly #end = new AbortController();

  constructor(settings: IntermediaryHttpSettings, times: Partial<ConnectionTimes> = {}) {
    this.#settings = settings;
    this.#times = { ...TIMES, ...times };
  }

  /** @returns a session over which something may be sent; undefined when nobody is reached */
  session(): Promise<ClientHttp2Session | undefined> {
    this.#standing ??= this.#stand().finally(() => (this.#standing = undefined));
    return this.#standing;
  }

  /** Something came: the other side is there. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Ends it; what is under way breaks off. */
  close(): void {
    this.#end.abort();
  }

  async #stand(): Promise<ClientHttp2Session | undefined> {
    const former = this.#session;
    if (former !== undefined && isOpen(former) && (await this.#isAlive(former))) return former;
    // What is under way on it goes on for as long as it has.
    former?.close();
    if (this.#end.signal.aborted) return undefined;
    this.#session = await connected(this.#settings, this.#times, this.#end.signal);
    this.heard();
    return this.#session;
  }

  /** A connection that has died without a word would swallow what is sent over it. */
  async #isAlive(session: ClientHttp2Session): Promise<boolean> {
    if (performance.now() - this.#heardAt < this.#times.quietMs) return true;
    const isAlive = await pinged(session, this.#times.pingMs);
    if (isAlive) this.heard();
    return isAlive && isOpen(session);
  }
}

function isOpen({ closed, destroyed }: ClientHttp2Session): boolean {
  return !closed && !destroyed;
}

function pinged(session: ClientHttp2Session, pingMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pingMs, false);
    session.ping((error) => {
      clearTimeout(timer);
      resolve(error === null);
    });
  });
}

/** Nothing is sent before the server has shown who it is, and that it speaks HTTP/2. */
function connected(
  { url, ca, key, certificate }: IntermediaryHttpSettings,
  { connectMs, idleMs, wholeMs }: ConnectionTimes,
  ended: AbortSignal,
): Promise<ClientHttp2Session | undefined> {
  return new Promise((resolve) => {
    const session = connect(url, {
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.3',
      ca: [ca],
      key,
      cert: certificate,
      checkServerIdentity: isIntermediary,
      settings: { enablePush: false, maxHeaderListSize: VAULT_HEADER_BYTES_MAX },
    });
    let age: NodeJS.Timeout | undefined;
    const fail = () => {
      clearTimeout(timer);
      clearTimeout(age);
      ended.removeEventListener('abort', fail);
      session.destroy();
      resolve(undefined);
    };
    const timer = setTimeout(fail, connectMs);
    ended.addEventListener('abort', fail);
    session.on('error', fail);
    session.once('close', fail);
    session.setTimeout(idleMs, () => session.close());
    session.once('connect', (_, socket) => {
      if (session.alpnProtocol !== 'h2') return fail();
      clearTimeout(timer);
      age = setTimeout(() => {
        session.close();
        // A session that has closed in good order waits for the other side to close; not for ever.
        age = setTimeout(() => socket.destroy(), INTERMEDIARY_BATCH_MS_MAX);
      }, wholeMs);
      return resolve(session);
    });
  });
}

/** Another service with a certificate of the same authority must not pass for the intermediary server. */
function isIntermediary(host: string, certificate: PeerCertificate): Error | undefined {
  const wrongHost = checkServerIdentity(host, certificate);
  if (wrongHost) return wrongHost;
  const service = serviceOf(certificate.subjectaltname);
  return service === 'intermediary' ? undefined : new Error('not the intermediary server');
}
