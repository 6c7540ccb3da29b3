import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntermediaryFiles } from '../../../../src/vault/intermediary/files.js';
import { connect, constants, type ClientHttp2Session } from 'node:http2';

/** How somebody shows who they are, and whom they believe. PEM. */
export interface Credentials {
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string;
  readonly maxVersion?: 'TLSv1.2';
}

/** What came back; `broken` when the connection ended before a whole answer. */
export type Received =
  | { readonly status: number; readonly json: unknown; readonly text: string }
  | { readonly status: 'broken' };

/** One request, and what came back. An object is sent as JSON, a text as it is. */
export type Wire = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Received>;

/** A wire that holds something open. */
export type EndingWire = Wire & { end(): void };

/** Where the public key of files lies in the folder of a stand. */
export const DROP_KEY = 'drop.pub.pem';

/** Exchanges with a server by files, as the vault does. @param home of the stand */
export function wireByFiles(dropFolder: string, { ca, key = '', cert = '' }: Credentials, home: string) {
  const names = { bodyCode: '', bodyName: '', systemId: '', layoutVersion: '' };
  const dropKey = readFileSync(join(home, DROP_KEY), 'utf8');
  const files = new IntermediaryFiles({ ...names, ca, key, certificate: cert, dropFolder, dropKey }, 30_000);
  const wire: Wire = async (method, path, body, headers) => {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const said = { method, path, ...(headers && { headers }), isLarge: true };
    const outcome = await files.call({ ...said, ...(text !== undefined && { body: Buffer.from(text) }) });
    if (typeof outcome === 'string') return { status: 'broken' };
    const got = Buffer.from(outcome.bytes).toString('utf8');
    return { status: outcome.status, json: parsed(got), text: got };
  };
  return Object.assign(wire, { end: () => files.close() });
}

/** Speaks HTTP/2 to a server; its connection is made with the first request, and anew when it has ended. */
export function wireTo(address: string, credentials: Credentials): EndingWire {
  let session: ClientHttp2Session | undefined;
  const standing = () => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(address, { ...credentials });
      session.on('error', () => undefined);
    }
    return session;
  };
  const wire: Wire = (method, path, body, headers = {}) =>
    new Promise((resolve) => {
      const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
      const said = { ':method': method, ':path': path, ...headers };
      const stream = standing().request({
        ...said,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      });
      let [got, status] = ['', 0];
      stream.once('response', (head) => (status = Number(head[':status'])));
      stream.setEncoding('utf8').on('data', (chunk: string) => (got += chunk));
      stream.on('error', () => undefined);
      stream.once('close', () => {
        const isWhole = stream.rstCode === constants.NGHTTP2_NO_ERROR && stream.readableEnded && status > 0;
        resolve(isWhole ? { status, json: parsed(got), text: got } : { status: 'broken' });
      });
      stream.end(text);
    });
  return Object.assign(wire, { end: () => session?.destroy() });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
