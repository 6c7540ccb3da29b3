import { request as httpsRequest, type Agent } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { KuramoriError } from '../../kernel/errors.js';
import { VAULT_ANSWER_BYTES_MAX } from '../../kernel/limits.js';

/** What a call without an answer may have left behind. */
export type CallOutcome = 'notSent' | 'unknown';

/** An answer with its JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

/** An answer as it came. */
export interface BytesAnswer {
  readonly status: number;
  readonly bytes: Buffer;
}

export interface Call {
  readonly agent: Agent;
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Beside those of every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON as text, or bytes as they are. */
  readonly body?: string | Uint8Array;
  /** From now to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * One HTTPS call, sent at most once: whether a call that broke off had its effect only the vault's log knows.
 * @throws KuramoriError VAULT_UNAVAILABLE; `facts.outcome` tells whether the vault can have received it
 */
export async function call(asked: Call): Promise<HttpAnswer> {
  const { status, bytes } = await callBytes(asked);
  try {
    return { status, json: JSON.parse(bytes.toString('utf8')) };
  } catch (cause) {
    throw vaultUnavailable('unknown', cause);
  }
}

/** As `call`, for an answer of any kind of at most VAULT_ANSWER_BYTES_MAX. */
export function callBytes({ agent, url, method, headers, body, timeoutMs }: Call): Promise<BytesAnswer> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const fail = (cause: unknown) => {
      clearTimeout(timer);
      request.destroy();
      reject(vaultUnavailable(connected ? 'unknown' : 'notSent', cause));
    };
    const request = httpsRequest(url, {
      agent,
      method,
      headers: {
        ...headers,
        accept: '*/*',
        ...(body === undefined
          ? {}
          : { 'content-type': typeOf(body), 'content-length': Buffer.byteLength(body) }),
      },
    });
    const timer = setTimeout(() => fail(new Error('deadline')), timeoutMs);
    onceConnected(request, () => (connected = true));
    request.once('error', fail);
    request.once('response', (response) => {
      read(response).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      }, fail);
    });
    request.end(body);
  });
}

/** Before the vault has shown who it is nothing of the request leaves. */
function onceConnected(request: ClientRequest, then: () => void): void {
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('secureConnect', then);
    else then();
  });
}

function typeOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? 'application/json' : 'application/octet-stream';
}

async function read(response: IncomingMessage): Promise<BytesAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > VAULT_ANSWER_BYTES_MAX) throw new Error('the answer is over its limit');
    chunks.push(chunk);
  }
  return { status: Number(response.statusCode), bytes: Buffer.concat(chunks) };
}

/** The refusal when the vault did not answer. The cause is for the debugger: it may name addresses. */
export function vaultUnavailable(outcome: CallOutcome, cause?: unknown): KuramoriError {
  return new KuramoriError(
    'VAULT_UNAVAILABLE',
    outcome === 'notSent'
      ? 'The vault cannot be reached, so nothing was done. Try again in a moment.'
      : 'The vault did not answer in time; whether the operation was done stands in its log. Ask before you repeat it.',
    { outcome },
    { cause },
  );
}
