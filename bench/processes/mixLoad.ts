import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../src/demonstration/random.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { Tokens } from '../support/gateway.js';
import { MIX, type MixMaterial, type MixOperation, type MixRole } from '../support/mixOperations.js';

/** What the process is started with, as a file: who works and on what. */
export interface MixSetting {
  /** `http://host:port` */
  readonly address: string;
  readonly material: MixMaterial;
  readonly users: readonly {
    readonly role: MixRole;
    readonly terminal: string;
    readonly tokens: Tokens;
    /** Milliseconds since the epoch. */
    readonly signedInAt: number;
  }[];
}

/** How long everybody works. */
export interface MixOrder {
  readonly ms: number;
  /** Milliseconds between an answer and the next operation of the same person, drawn evenly. */
  readonly thinkMs: { readonly min: number; readonly max: number };
}

/** Milliseconds of every operation by its kind; every answer had status 200 and no error. */
export interface MixReport {
  readonly latencies: Readonly<Record<string, readonly number[]>>;
}

/** What the process says when an answer was not as expected. */
export interface MixFailure {
  readonly failure: string;
}

interface Answer {
  readonly data?: Record<string, { readonly userErrors?: readonly unknown[] } | null>;
  readonly errors?: readonly { readonly path?: readonly unknown[]; readonly extensions?: object }[];
}

/** A token lives for five minutes; front ends renew it before that. */
const RENEW_MS = 200_000;

const setting = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as MixSetting;
const { hostname, port } = new URL(setting.address);
const serials = new Map<string, number>();

/** One person at one terminal, with a connection of their own. */
class User {
  readonly #role: MixRole;
  readonly #terminal: string;
  readonly #random: Random;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #tokens: Tokens;
  #renewedAt: number;

  constructor(user: MixSetting['users'][number]) {
    this.#role = user.role;
    this.#terminal = user.terminal;
    this.#tokens = user.tokens;
    this.#renewedAt = user.signedInAt;
    this.#random = new Random(1, user.terminal);
  }

  /** Works until the moment (`performance.now()`): thinks, asks, thinks. */
  async work(
    until: number,
    { min, max }: MixOrder['thinkMs'],
    note: (kind: string, ms: number) => void,
  ): Promise<void> {
    for (;;) {
      await sleep(this.#random.between(min, max));
      if (performance.now() >= until) return;
      if (Date.now() - this.#renewedAt > RENEW_MS) await this.#renew();
      const operation = this.#random.weighted(MIX[this.#role]);
      const startedAt = performance.now();
      await this.#ask(operation);
      note(operation.kind, performance.now() - startedAt);
    }
  }

  async #ask(operation: MixOperation): Promise<void> {
    const serial = serials.get(operation.kind) ?? 0;
    serials.set(operation.kind, serial + 1);
    const variables = operation.variables(setting.material, this.#random, serial);
    const { status, text } = await this.#post(
      '/graphql',
      { query: operation.document, variables },
      operation.purpose,
    );
    const { data, errors } = JSON.parse(text) as Answer;
    const roots = Object.values(data ?? {});
    if (
      status === 200 &&
      !errors &&
      roots.length > 0 &&
      roots.every((root) => root && !root.userErrors?.length)
    )
      return;
    const told = JSON.stringify({ errors, userErrors: roots.map((root) => root?.userErrors) });
    throw new KuramoriError('INTERNAL', `${operation.kind} was answered with status ${status}: ${told}`);
  }

  async #renew(): Promise<void> {
    const body = { refreshToken: this.#tokens.refreshToken };
    const { status, text } = await this.#post('/session/refresh', body, 'COUNTER');
    if (status !== 200)
      throw new KuramoriError('UNAUTHENTICATED', `A renewal was refused with status ${status}.`);
    this.#tokens = JSON.parse(text) as Tokens;
    this.#renewedAt = Date.now();
  }

  #post(path: string, body: object, purpose: string): Promise<{ status: number; text: string }> {
    const payload = Buffer.from(JSON.stringify(body));
    const headers = {
      'content-type': 'application/json',
      'content-length': payload.length,
      'kuramori-terminal': this.#terminal,
      'kuramori-purpose': purpose,
      authorization: `Bearer ${this.#tokens.accessToken}`,
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        { agent: this.#agent, hostname, port, path, method: 'POST', headers },
        (answer) => {
          const pieces: Buffer[] = [];
          answer.on('data', (piece: Buffer) => pieces.push(piece));
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
          );
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}

const users = setting.users.map((user) => new User(user));

async function run({ ms, thinkMs }: MixOrder): Promise<MixReport> {
  const until = performance.now() + ms;
  const latencies: Record<string, number[]> = {};
  await Promise.all(
    users.map((user) => user.work(until, thinkMs, (kind, took) => (latencies[kind] ??= []).push(took))),
  );
  return { latencies };
}

process.on('message', (order: MixOrder) => {
  run(order).then(
    (report) => process.send?.(report),
    (failure: unknown) => process.send?.({ failure: String(failure) } satisfies MixFailure),
  );
});
process.once('disconnect', () => process.exit());
