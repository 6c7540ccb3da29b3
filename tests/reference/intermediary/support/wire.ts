import { request as httpsRequest, type Agent } from 'node:https';

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

/** @param agent keeps connections; without one each request has its own */
export function wireTo(address: string, credentials: Credentials, agent: Agent | false = false): Wire {
  return (method, path, body, headers = {}) =>
    new Promise((resolve) => {
      const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
      const request = httpsRequest(`${address}${path}`, {
        ...credentials,
        method,
        agent,
        headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      });
      request.once('error', () => resolve({ status: 'broken' }));
      request.once('response', (response) => {
        let got = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (got += chunk));
        response.once('error', () => resolve({ status: 'broken' }));
        response.once('end', () => {
          if (!response.complete) return resolve({ status: 'broken' });
          return resolve({ status: response.statusCode ?? 0, json: parsed(got), text: got });
        });
      });
      request.end(text);
    });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
