import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { PushChange, PushReason, PushState } from '../../../src/protocol/push.js';
import { openVaultClient, type VaultClient } from '../../../src/vault/client/client.js';
import type { Answer, OperationRequest } from '../../../src/vault/client/wire.js';
import type { Authority } from '../../vault/http/support.js';
import { afterwards } from '../../support/afterwards.js';

interface PushOperation extends OperationRequest {
  readonly body: { readonly pushRequestId: string; readonly procedure?: string; readonly reason?: string };
}

/**
 * What the worker sees of a vault, over mutual TLS: it accepts each push once, answers the same again to the same, and
 * keeps a journal. What it answers can be held up or replaced.
 */
export class StandInVault {
  /** Pushes that were accepted, in order: each has one effect. */
  readonly effects: string[] = [];
  /** Every operation that came. */
  readonly asked: PushOperation[] = [];
  readonly journal: PushChange[] = [];
  /** Comes between a request and its answer. */
  onOperation: (operation: PushOperation) => Promise<Answer | undefined> = () => Promise.resolve(undefined);
  onChanges: () => Promise<void> = () => Promise.resolve();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor({ ca, vault }: Authority) {
    const tls = { ca, ...vault, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
    this.#server = createServer(tls, (request, response) => void this.#answer(request, response));
    this.#server.on('secureConnection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(authority: Authority): Promise<StandInVault> {
    const vault = new StandInVault(authority);
    await vault.listen();
    afterwards(() => vault.close());
    return vault;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Listens, after it was closed at the same port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Writes a change into the journal. */
  changed(
    pushRequestId: string,
    state: PushState,
    reason: PushReason,
    attempt = 1,
    also: Partial<PushChange> = {},
  ): void {
    const sequence = String(this.journal.length + 1);
    const at = '2026-11-02T01:00:00.000Z';
    this.journal.push({ sequence, pushRequestId, state, reason, attempt, at, ...also });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (json: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(json));
    };
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    if (pathname === '/v1/pushes/changes') {
      await this.onChanges();
      send(this.#changes(Number(searchParams.get('after')), Number(searchParams.get('limit'))));
    } else if (pathname === '/v1/operations') {
      const operation = (await bodyOf(request)) as PushOperation;
      this.asked.push(operation);
      send((await this.onOperation(operation)) ?? this.#accept(operation));
    } else send({ status: 'ready' });
  }

  /** As the vault does it: known pushes that nothing was sent of. */
  #cancel({ body: { pushRequestId, reason = '' } }: PushOperation): Answer {
    const state = this.journal.findLast((change) => change.pushRequestId === pushRequestId)?.state;
    if (state === undefined) return refusal('NOT_FOUND');
    if (state !== 'ACCEPTED' && state !== 'RETRY_WAIT') return refusal('CONFLICT');
    this.changed(pushRequestId, 'CANCELLED', 'CANCELLED', 0, { cancelReason: reason });
    return { outcome: 'done', result: { pushRequestId, state: 'CANCELLED' }, entry: '78' };
  }

  #accept(operation: PushOperation): Answer {
    const { pushRequestId, procedure } = operation.body;
    if (procedure === undefined) return this.#cancel(operation);
    const replayed = this.effects.includes(pushRequestId);
    if (!replayed) {
      this.effects.push(pushRequestId);
      this.changed(pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
      this.changed(pushRequestId, 'SENDING', 'TRANSMITTING');
      this.changed(pushRequestId, 'DONE', 'OK');
    }
    const result = { pushRequestId, state: 'ACCEPTED', ...(replayed ? { replayed } : {}) };
    return { outcome: 'done', result, entry: String(this.effects.length) };
  }

  #changes(after: number, limit: number) {
    const changes = this.journal.filter(({ sequence }) => Number(sequence) > after).slice(0, limit);
    return { changes, last: changes.at(-1)?.sequence ?? String(after) };
  }
}

/** A refusal of the vault. */
export function refusal(code: Extract<Answer, { outcome: 'refused' }>['error']['code']): Answer {
  return { outcome: 'refused', error: { code, message: 'Refused.' }, entry: '77' };
}

/** The worker's connection to a vault. */
export function clientOf(url: string, { ca, worker }: Authority): VaultClient {
  const client = openVaultClient({ url, ca, key: worker.key, certificate: worker.cert });
  afterwards(() => client.close());
  return client;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
