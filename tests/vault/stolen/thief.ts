import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { vi } from 'vitest';
import type { SignedOperation } from '../../../src/client/index.js';
import type { VaultProcess } from '../processes/vault.js';

/** What is carried to the vault. */
export type Carried = Pick<SignedOperation, 'assertion' | 'body'>;

/** What the vault answered, and the whole text of it. */
export interface Told {
  readonly text: string;
  readonly outcome: 'done' | 'refused';
  /** Of a refusal. */
  readonly code: string | undefined;
  readonly result: Readonly<Record<string, unknown>>;
  readonly replayed: boolean;
}

/** One line of the vault’s log. */
export interface Entry {
  readonly coordinate: string;
  readonly decision: string;
  readonly reason: string;
  readonly actor: string;
  /** Shown to the auditors without being asked for. */
  readonly raised: boolean;
}

interface Answer {
  readonly outcome: 'done' | 'refused';
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string };
  readonly replayed?: boolean;
}

/** Who sits in the gateway’s place: with its certificate and its key, and a copy of all that ever passed. */
export class Thief {
  /** Every byte that was carried and answered. */
  readonly taken: Buffer[] = [];
  readonly #vault: VaultProcess;
  readonly #agent: Agent;
  #requests = 0;

  constructor(vault: VaultProcess) {
    this.#vault = vault;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 16, ca: vault.ca, ...this.credentials });
  }

  /** The gateway’s key and certificate (PEM). */
  get credentials(): { readonly key: string; readonly cert: string } {
    const { keyFile, certificateFile } = this.#vault.certificates.gateway;
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certificateFile, 'utf8') };
  }

  /** Carries an operation, as it is, to the vault. */
  async deliver({ assertion, body }: Carried): Promise<Told> {
    const requestId = `T-${(this.#requests += 1)}`;
    const request = JSON.stringify({ assertion, body, requestId, gatewayEntry: '4711' });
    const text = await this.#send('POST', '/v1/operations', request);
    const { outcome, result, error, replayed } = JSON.parse(text) as Answer;
    return { text, outcome, code: error?.code, result: result ?? {}, replayed: replayed === true };
  }

  /** The published keys, as the vault signed them. */
  async publishedKeys(): Promise<{ readonly signed: string }> {
    return JSON.parse(await this.#send('GET', '/v1/keys')) as { signed: string };
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const url = new URL(path, this.#vault.running.address);
      const request = httpsRequest(url, { agent: this.#agent, method, headers: body === '' ? {} : headers });
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          this.taken.push(Buffer.from(body), ...chunks);
          resolve(Buffer.concat(chunks).toString());
        });
      });
      request.end(body);
    });
  }
}

/** The vault’s log, read as its owner reads it. */
export class VaultLog {
  readonly #vault: VaultProcess;

  constructor(vault: VaultProcess) {
    this.#vault = vault;
  }

  /** What a piece of work came to, and the entries that it left; those of refused connections come a moment later. */
  async during<T>(
    work: () => Promise<T>,
    entries = 1,
  ): Promise<{ readonly value: T; readonly entries: Entry[] }> {
    const before = await this.#last();
    const value = await work();
    const written = await vi.waitUntil(
      async () => {
        const since = await this.#since(before);
        return since.length >= entries ? since : undefined;
      },
      { timeout: 5_000, interval: 20 },
    );
    return { value, entries: written };
  }

  async #last(): Promise<bigint> {
    const [row] = await this.#vault.databases.owner.vault.run(
      'tests.last',
      ({ raw }) => raw<{ last: bigint }[]>`select coalesce(max(sequence), -1) as last from audit.entry`,
    );
    return row!.last;
  }

  async #since(before: bigint): Promise<Entry[]> {
    const rows = await this.#vault.databases.owner.vault.run(
      'tests.since',
      ({ raw }) => raw<Entry[]>`
        select coordinate, decision, reason, actor_id as actor, raised from audit.entry
        where sequence > ${String(before)}::bigint order by sequence`,
    );
    return rows.map((row) => ({ ...row }));
  }
}
