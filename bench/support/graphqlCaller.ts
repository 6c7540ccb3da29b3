import { Agent, request } from 'node:http';
import { KuramoriError } from '../../src/kernel/errors.js';

/** Connections to a gateway that stay open, one for each caller at a time. */
export class GraphqlCaller {
  readonly #agent: Agent;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param address `http://host:port` */
  constructor(address: string, connections: number, headers: Readonly<Record<string, string>>) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#url = new URL('/graphql', address);
    this.#headers = headers;
  }

  /** @returns what is under `data`. @throws KuramoriError INTERNAL when the answer has another status, or any error */
  async ask<Data>(token: string, query: string, variables: object): Promise<Data> {
    const { status, text } = await this.#post(token, Buffer.from(JSON.stringify({ query, variables })));
    const { data, errors } = JSON.parse(text) as { data?: Data; errors?: readonly { extensions?: object }[] };
    if (status === 200 && data && !errors) return data;
    const codes = JSON.stringify((errors ?? []).map(({ extensions }) => extensions));
    throw new KuramoriError('INTERNAL', `A question was answered with status ${status}: ${codes}`);
  }

  #post(token: string, body: Buffer): Promise<{ status: number; text: string }> {
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      authorization: `Bearer ${token}`,
      ...this.#headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { agent: this.#agent, method: 'POST', headers }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
        );
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
