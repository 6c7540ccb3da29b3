import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { KuramoriError } from '../../src/kernel/errors.js';

/** A body to post and the exact body that must come back. A file of them is what the process is started with. */
export interface Exchange {
  readonly request: string;
  readonly answer: string;
}

/** One round of load. */
export interface LoadOrder {
  /** `http://host:port` */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Milliseconds before counting begins. */
  readonly warmMs: number;
  readonly ms: number;
  /** A file of other exchanges than the process was started with. */
  readonly exchanges?: string;
}

/** What a round gave; every answer had status 200 and exactly the bytes expected. */
export interface LoadReport {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the process says when an answer was not as expected. */
export interface LoadFailure {
  readonly failure: string;
}

interface Prepared {
  readonly body: Buffer;
  readonly answer: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Holds one connection open and posts one request after the other. Plain sockets: the load must cost little itself. */
class Caller {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #next: () => Prepared | undefined;
  readonly #done: (startedAt: number) => void;
  readonly #ended: (failure?: Error) => void;
  #expected: Buffer = Buffer.alloc(0);
  #startedAt = 0;
  #received: Buffer = Buffer.alloc(0);

  constructor(
    socket: Socket,
    head: string,
    next: () => Prepared | undefined,
    done: (startedAt: number) => void,
    ended: (failure?: Error) => void,
  ) {
    this.#socket = socket;
    this.#head = head;
    this.#next = next;
    this.#done = done;
    this.#ended = ended;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', ended);
    socket.on('close', () => ended(new KuramoriError('INTERNAL', 'The server closed a connection.')));
  }

  ask(): void {
    const exchange = this.#next();
    if (exchange === undefined) {
      this.#socket.removeAllListeners('close');
      this.#socket.end();
      this.#ended();
      return;
    }
    this.#expected = exchange.answer;
    this.#startedAt = performance.now();
    this.#socket.cork();
    this.#socket.write(`${this.#head}content-length: ${exchange.body.length}\r\n\r\n`);
    this.#socket.write(exchange.body);
    this.#socket.uncork();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.subarray(0, headEnd).toString('latin1');
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
    const bodyStart = headEnd + HEAD_END.length;
    if (this.#received.length < bodyStart + length) return;
    const body = this.#received.subarray(bodyStart);
    if (!head.startsWith('HTTP/1.1 200 ') || !body.equals(this.#expected)) {
      this.#socket.destroy();
      const sentence = `An answer was not the one expected: ${head.split('\r\n')[0]}, ${body.length} bytes.`;
      this.#ended(new KuramoriError('INTERNAL', sentence));
      return;
    }
    this.#received = Buffer.alloc(0);
    this.#done(this.#startedAt);
    this.ask();
  }
}

async function run(order: LoadOrder, exchanges: readonly Prepared[]): Promise<LoadReport> {
  const { hostname, port, host } = new URL(order.address);
  const headers = Object.entries({ host, 'content-type': 'application/json', ...order.headers });
  const head = `POST /graphql HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
  const countFrom = performance.now() + order.warmMs;
  const until = countFrom + order.ms;
  const latencies: number[] = [];
  let asked = 0;
  const next = () => (performance.now() < until ? exchanges[asked++ % exchanges.length] : undefined);
  const done = (startedAt: number) => {
    const now = performance.now();
    if (startedAt >= countFrom && now <= until) latencies.push(now - startedAt);
  };
  const call = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const caller = new Caller(socket, head, next, done, (failure) =>
        failure ? reject(failure) : resolve(),
      );
      socket.once('connect', () => caller.ask());
    });
  await Promise.all(Array.from({ length: order.connections }, call));
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
  return { perSecond: sorted.length / (order.ms / 1000), p50Ms: at(0.5), p99Ms: at(0.99) };
}

const filesRead = new Map<string, readonly Prepared[]>();

function exchangesOf(file: string): readonly Prepared[] {
  const known = filesRead.get(file);
  if (known) return known;
  const exchanges = (JSON.parse(readFileSync(file, 'utf8')) as Exchange[]).map(
    ({ request, answer }): Prepared => ({ body: Buffer.from(request), answer: Buffer.from(answer) }),
  );
  filesRead.set(file, exchanges);
  return exchanges;
}

const startedWith = process.argv[2];
if (startedWith !== undefined) exchangesOf(startedWith);
process.on('message', (order: LoadOrder) => {
  run(order, exchangesOf(order.exchanges ?? startedWith ?? '')).then(
    (report) => process.send?.(report),
    (failure: unknown) => process.send?.({ failure: String(failure) } satisfies LoadFailure),
  );
});
process.once('disconnect', () => process.exit());
