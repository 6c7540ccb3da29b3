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

export interface Call {
  readonly agent: Agent;
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  /** From now to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * One HTTPS call, sent at most once: whether a call that broke off had its effect only the vault's log knows.
 * @throws KuramoriError VAULT_UNAVAILABLE; `facts.outcome` tells whether the vault can have received it
 */
export function call({ agent, url, method, body, timeoutMs }: Call): Promise<HttpAnswer> {
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
        accept: 'application/json',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
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

async function read(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > VAULT_ANSWER_BYTES_MAX) throw new Error('the answer is over its limit');
    chunks.push(chunk);
  }
  return { status: Number(response.statusCode), json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
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
