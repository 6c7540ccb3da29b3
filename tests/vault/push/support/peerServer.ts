import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { DropDoor } from '../../../../src/reference/intermediary/drop/door.js';
import { signingKeysRequestForm } from '../../../../src/protocol/intermediary/signingKeys.js';
import type { Pem } from './certificates.js';
import { Peer } from './peer.js';
import { afterwards } from '../../../support/afterwards.js';

/** Where an exchange is held up until the other side is gone. */
export type Hold = 'beforeEffect' | 'afterEffect' | 'question' | 'results';

/** The peer over mTLS, as the link of the vault reaches it. */
export interface PeerServer {
  readonly url: string;
  readonly peer: Peer;
  /** Lets it be reached by files as well. @param dropKey private, PEM */
  byFiles(folder: string, dropKey: string): DropDoor;
  /** Held up at a point; nothing is held up while it is undefined. */
  hold: Hold | undefined;
  /** Resolves when the next exchange stands at its hold. */
  held(): Promise<void>;
  /** Answers that are sent as they are, in place of the peer's. */
  readonly spoiled: ((body: string) => { readonly status: number; readonly body: string })[];
  /** What it tells of its keys, in place of the peer's own. */
  keys: (() => { readonly status: number; readonly body: string }) | undefined;
  /** Connections of HTTP/2, the newest last. */
  readonly sessions: readonly ServerHttp2Session[];
  /** Requests, `POST /v1/messages`. */
  readonly requests: string[];
}

export async function startPeer(server: Pem, ca: string): Promise<PeerServer> {
  let senderKey: KeyObject | undefined;
  const peer = new Peer(
    () => senderKey!,
    () => Date.now(),
  );
  let arrived = () => undefined as void;
  const at: Pick<PeerServer, 'hold' | 'spoiled' | 'keys' | 'requests'> = {
    hold: undefined,
    keys: undefined,
    spoiled: [],
    requests: [],
  };
  const standsAt = (point: Hold) => {
    if (at.hold !== point) return false;
    arrived();
    return true;
  };
  const handle = (path: string, method: string, body: Buffer): unknown => {
    if (path === '/v1/keys')
      return { keys: [{ keyId: 'peer-1', x: peer.keys.publicKey.export({ format: 'jwk' }).x }] };
    if (path === '/v1/signing-keys') {
      const { keys } = signingKeysRequestForm.parse(JSON.parse(body.toString('utf8')));
      senderKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: keys[0]! }, format: 'jwk' });
      return { status: 'known' };
    }
    if (method === 'GET') {
      peer.asked += 1;
      const [, batchId = '', results] = /^\/v1\/batches\/([^/]+)(\/result)?$/.exec(path) ?? [];
      if (standsAt(results === undefined ? 'question' : 'results')) return HELD;
      if (batchId !== '') return peer.tellBatch(batchId, results !== undefined);
      return peer.tell(path.slice('/v1/messages/'.length));
    }
    if (standsAt('beforeEffect')) return HELD;
    const answer = peer.receive(body);
    return standsAt('afterEffect') ? HELD : answer;
  };
  const said = (method: string, path: string, body: Buffer) => {
    at.requests.push(`${method} ${path}`);
    const found = handle(path, method, body);
    if (found === HELD) return HELD;
    const text = found === undefined ? '{}' : JSON.stringify(found);
    const spoil = path.startsWith('/v1/messages')
      ? at.spoiled.shift()
      : path === '/v1/keys'
        ? at.keys
        : undefined;
    return spoil?.(text) ?? { status: found === undefined ? 404 : 200, body: text };
  };
  const listener = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const answer = said(request.method, request.url, Buffer.concat(chunks));
    if (answer === HELD) return;
    const { status, body } = answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
  const tls = {
    key: server.key,
    cert: server.certificate,
    ca: [ca],
    requestCert: true,
    minVersion: 'TLSv1.3',
  };
  const http2 = createSecureServer({ ...tls, minVersion: 'TLSv1.3' }, (request, response) => {
    listener(request, response).catch(() => response.stream.destroy());
  });
  const sessions: ServerHttp2Session[] = [];
  http2.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve));
  afterwards(() => {
    for (const session of sessions) session.destroy();
    http2.close();
  });
  const url = `https://127.0.0.1:${(http2.address() as AddressInfo).port}`;
  const byFiles: PeerServer['byFiles'] = (folder, dropKey) =>
    new DropDoor({
      folder,
      dropKey,
      tls: { key: server.key, certificate: server.certificate, ca },
      service: 'vault',
      logger: { warn: () => undefined },
      answer: ({ method, path, body = new Uint8Array() }) => {
        const answer = said(method, path, Buffer.from(body));
        if (answer === HELD) return never;
        return Promise.resolve({ answer: { status: answer.status, bytes: Buffer.from(answer.body) } });
      },
    });
  return Object.assign(at, {
    url,
    byFiles,
    peer,
    sessions,
    held: () => new Promise<void>((resolve) => (arrived = resolve)),
  });
}

const HELD = Symbol('held');
const never = new Promise<never>(() => undefined);
