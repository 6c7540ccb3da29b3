import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../kernel/clock.js';
import { serviceOf } from '../client/service.js';

interface Peer {
  readonly service: string | undefined;
  /** Milliseconds since the epoch; exclusive. */
  readonly validUntil: number;
}

/** Tells which service is at the other end of a connection, by the certificate that TLS has verified. */
export class Peers {
  readonly #services: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #peers = new WeakMap<Socket, Peer>();

  /** @param services names that may ask */
  constructor(services: ReadonlySet<string>, clock: Clock) {
    this.#services = services;
    this.#clock = clock;
  }

  /**
   * @returns the service; undefined when it is none of ours, or its certificate has ended while the connection stood:
   *   TLS looks at it once
   */
  serviceAt(socket: Socket): string | undefined {
    let peer = this.#peers.get(socket);
    if (peer === undefined) this.#peers.set(socket, (peer = peerOf(socket)));
    if (peer.service === undefined || !this.#services.has(peer.service)) return undefined;
    return this.#clock.now().epochMilliseconds < peer.validUntil ? peer.service : undefined;
  }
}

function peerOf(socket: Socket): Peer {
  const certificate =
    socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return {
    service: serviceOf(certificate?.subjectAltName),
    validUntil: certificate === undefined ? 0 : Date.parse(certificate.validTo),
  };
}
