import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { IntermediarySettings } from '../../config/intermediaryLink.js';
import {
  INTERMEDIARY_ANSWER_BYTES_MAX,
  INTERMEDIARY_BATCH_MS_MAX,
  INTERMEDIARY_MESSAGE_BYTES_MAX,
  PUSHES_UNDER_WAY_MAX,
} from '../../kernel/limits.js';
import { serviceOf } from '../client/service.js';

/** One request to the intermediary server. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a batch, which takes longer and tells more than one message. */
  readonly isLarge?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** `notReached`: nothing of the request left. `noAnswer`: it may have been received. */
export type CallOutcome = HttpAnswer | 'notReached' | 'noAnswer';

/** mTLS to the one server that is configured: TLS 1.3, one authority, one service name. */
export class IntermediaryHttp {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  /** @param timeoutMs from the first byte out to the last one in */
  constructor({ url, ca, key, certificate }: IntermediarySettings, timeoutMs: number) {
    this.#base = new URL(url);
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: PUSHES_UNDER_WAY_MAX,
      minVersion: 'TLSv1.3',
      ca: [ca],
      key,
      cert: certificate,
      checkServerIdentity: isIntermediary,
      maxCachedSessions: 0,
    });
  }

  /** Sends once; whether a call that broke off had its effect is asked afterwards, never guessed. */
  call({ method, path, body, headers: more, isLarge = false }: HttpCall): Promise<CallOutcome> {
    return new Promise((resolve) => {
      let connected = false;
      const end = (outcome: CallOutcome) => {
        clearTimeout(timer);
        request.destroy();
        resolve(outcome);
      };
      const fail = () => end(connected ? 'noAnswer' : 'notReached');
      const headers = {
        ...more,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
      };
      const request = httpsRequest(new URL(path, this.#base), { agent: this.#agent, method, headers });
      const timer = setTimeout(fail, isLarge ? INTERMEDIARY_BATCH_MS_MAX : this.#timeoutMs);
      onceConnected(request, () => (connected = true));
      request.once('error', fail);
      request.once('response', (response) => {
        read(response, isLarge ? INTERMEDIARY_MESSAGE_BYTES_MAX : INTERMEDIARY_ANSWER_BYTES_MAX).then(
          (answer) => {
            clearTimeout(timer);
            resolve(answer);
          },
          fail,
        );
      });
      request.end(body);
    });
  }

  /** Ends the connections; calls under way fail. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Before the server has shown who it is nothing of the request leaves. */
function onceConnected(request: ClientRequest, then: () => void): void {
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('secureConnect', then);
    else then();
  });
}

async function read(response: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) throw new Error('the answer is over its limit');
    chunks.push(chunk);
  }
  return { status: Number(response.statusCode), bytes: Buffer.concat(chunks) };
}

/** Another service with a certificate of the same authority must not pass for the intermediary server. */
function isIntermediary(host: string, certificate: PeerCertificate): Error | undefined {
  const wrongHost = checkServerIdentity(host, certificate);
  if (wrongHost) return wrongHost;
  const service = serviceOf(certificate.subjectaltname);
  return service === 'intermediary' ? undefined : new Error('not the intermediary server');
}
