import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { Exchange, LoadFailure, LoadOrder, LoadReport } from '../processes/load.js';
import type { Child } from './children.js';
import { progress, type FigureLine } from './figure.js';
import type { Variables } from './floorServer.js';
import { startBenchGateway, type BenchGateway } from './gateway.js';
import type { BenchHouse } from './house.js';
import { startPeers, type PeerName } from './peers.js';
import { enteredLog } from './entered.js';
import { assertMeasured, median, takeTurns, type Contender } from './rounds.js';

const CONNECTIONS = 32;
const ROUNDS = 5;
const ROUND_MS = 4_000;
const WARM_MS = 1_000;
const ASKED_AT_ONCE = 16;

/** How one of those measured is asked a question of a figure. */
export interface Dialect<Q> {
  /** The document; the floor needs none. */
  readonly query: string;
  readonly variables: (question: Q) => Variables;
  /** What it answers, in the shape that the gateway answers in. */
  readonly content: (data: unknown) => unknown;
}

/** A figure of the gateway beside its floor and its peers. */
export interface Comparison<Q> {
  /** Name of the figure. */
  readonly figure: string;
  /** The most restricted role that may ask. */
  readonly role: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Program of the floor. */
  readonly floor: URL;
  /** Whom or what is asked about; may ask the gateway. */
  questions(house: BenchHouse, database: string, ask: AskGateway): Promise<readonly Q[]>;
  readonly dialects: Readonly<Record<'gateway' | 'floor' | PeerName, Dialect<Q>>>;
  /** What the rate promises beside others: at least so many times theirs. */
  readonly promised: Readonly<Partial<Record<'floor' | PeerName, number>>>;
  /** Whose 99th percentile ours must not exceed. */
  readonly p99Of?: PeerName;
}

/** Asks the gateway as the figure's role. @returns the body of the answer */
export type AskGateway = (query: string, variables: Variables) => Promise<string>;

interface Side<Q> {
  readonly name: 'gateway' | 'floor' | PeerName;
  readonly address: string;
  readonly dialect: Dialect<Q>;
  headers(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

type Results = ReadonlyMap<string, readonly LoadReport[]>;

/**
 * Measures a question over HTTP on 32 connections: the gateway signed in and with its audit on, the floor and the
 * peers with neither. Everybody is asked everything once, the answers are compared in content, and from then on each
 * answer must have status 200 and be, to the byte, what that side answered then. All of them and the load are
 * processes of their own.
 */
export async function measureBeside<Q>(
  house: BenchHouse,
  comparison: Comparison<Q>,
): Promise<readonly FigureLine[]> {
  const database = await house.demonstration();
  const sides = await startSides(house, database, comparison);
  const [gateway] = sides;
  const questions = await comparison.questions(house, database, async (query, variables) =>
    answerOf(gateway, await gateway.headers(), JSON.stringify({ query, variables })),
  );
  assertMeasured(questions.length > 0, 'The demonstration is too small: there is nothing to ask about.');
  const files = await agreedExchanges(house, sides, questions);
  const load = house.children.start(new URL('../processes/load.js', import.meta.url));
  const contenders = sides.map((side): Contender<LoadReport> => ({
    name: side.name,
    take: async () => {
      const report = await ask(load, side, files.get(side.name) ?? '');
      await enteredLog(house, database);
      return report;
    },
  }));
  const results = await takeTurns(
    ROUNDS,
    contenders,
    ({ perSecond, p50Ms, p99Ms }) =>
      `${Math.round(perSecond)}/s (${p50Ms.toFixed(1)}, ${p99Ms.toFixed(1)} ms)`,
  );
  await Promise.all([load.stop(), ...sides.map((side) => side.stop())]);
  return linesOf(comparison, results);
}

async function startSides<Q>(
  house: BenchHouse,
  database: string,
  { role, headers, floor, dialects }: Comparison<Q>,
): Promise<readonly [Side<Q>, ...Side<Q>[]]> {
  const gateway: BenchGateway = await startBenchGateway(house, database, role);
  const floorProcess = house.children.start(floor, {
    environment: { RECORDS_DATABASE_URL: house.url(database, 'gateway') },
  });
  const { ready: floorAddress } = (await floorProcess.message()) as { ready: string };
  const peers = await startPeers(house, database);
  return [
    {
      name: 'gateway',
      address: gateway.address,
      dialect: dialects.gateway,
      headers: async () => ({ ...headers, authorization: `Bearer ${await gateway.freshToken()}` }),
      stop: () => gateway.stop(),
    },
    {
      name: 'floor',
      address: floorAddress,
      dialect: dialects.floor,
      headers: async () => ({}),
      stop: () => floorProcess.stop(),
    },
    ...peers.map(({ name, address, child }): Side<Q> => ({
      name,
      address,
      dialect: dialects[name],
      headers: async () => ({}),
      stop: () => child.stop(),
    })),
  ];
}

/**
 * Asks every side about everything once and keeps what each answered in a file.
 * @throws KuramoriError INTERNAL when the content of an answer is not what the gateway answers
 */
async function agreedExchanges<Q>(
  house: BenchHouse,
  sides: readonly Side<Q>[],
  questions: readonly Q[],
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  let expected: readonly unknown[] | undefined;
  for (const side of sides) {
    const exchanges = await exchangesWith(side, questions);
    const contents = exchanges.map(({ answer }) => side.dialect.content(dataOf(side.name, answer)));
    expected ??= contents;
    const different = contents.findIndex((content, index) => !isDeepStrictEqual(content, expected?.[index]));
    assertMeasured(
      different === -1,
      `The gateway and ${side.name} answer question ${different} differently.`,
    );
    const file = join(house.home, `exchanges-${side.name}.json`);
    writeFileSync(file, JSON.stringify(exchanges));
    files.set(side.name, file);
    const bytes = exchanges.reduce((sum, { answer }) => sum + Buffer.byteLength(answer), 0);
    progress(
      `  ${side.name}: ${questions.length} answers agree, ${Math.round(bytes / questions.length)} bytes each`,
    );
  }
  return files;
}

async function exchangesWith<Q>(side: Side<Q>, questions: readonly Q[]): Promise<readonly Exchange[]> {
  const { query, variables } = side.dialect;
  const headers = await side.headers();
  const exchanges: Exchange[] = [];
  for (let from = 0; from < questions.length; from += ASKED_AT_ONCE) {
    const some = questions.slice(from, from + ASKED_AT_ONCE).map(async (question): Promise<Exchange> => {
      const request = JSON.stringify({ query, variables: variables(question) });
      return { request, answer: await answerOf(side, headers, request) };
    });
    exchanges.push(...(await Promise.all(some)));
  }
  return exchanges;
}

function dataOf(name: string, answer: string): unknown {
  const { data, ...beside } = JSON.parse(answer) as { data: unknown };
  assertMeasured(Object.keys(beside).length === 0, `${name} answers with more than data.`);
  return data;
}

async function answerOf<Q>(
  { name, address }: Side<Q>,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string> {
  const answer = await fetch(new URL('/graphql', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  assertMeasured(answer.status === 200, `A question was answered by ${name} with status ${answer.status}.`);
  return answer.text();
}

async function ask<Q>(load: Child, side: Side<Q>, exchanges: string): Promise<LoadReport> {
  const order: LoadOrder = {
    address: side.address,
    headers: await side.headers(),
    connections: CONNECTIONS,
    warmMs: WARM_MS,
    ms: ROUND_MS,
    exchanges,
  };
  const report = (await load.ask(order)) as LoadReport | LoadFailure;
  if ('failure' in report) throw new KuramoriError('INTERNAL', `${side.name}: ${report.failure}`);
  return report;
}

function linesOf<Q>({ figure, promised, p99Of }: Comparison<Q>, results: Results): readonly FigureLine[] {
  const line = (name: string, unit: string, pick: (report: LoadReport) => number): FigureLine => {
    const middle = (side: string) => median((results.get(side) ?? []).map(pick));
    const peers = [...results.keys()].filter((side) => side !== 'gateway' && side !== 'floor');
    return {
      figure: name,
      value: middle('gateway'),
      unit,
      floor: middle('floor'),
      peers: Object.fromEntries(peers.map((peer) => [peer, middle(peer)])),
    };
  };
  const rate = line(figure, 'requests/s', ({ perSecond }) => perSecond);
  const p50 = line(`${figure}.p50`, 'ms', ({ p50Ms }) => p50Ms);
  const p99 = line(`${figure}.p99`, 'ms', ({ p99Ms }) => p99Ms);
  const beside = new Map(Object.entries({ ...rate.peers, floor: rate.floor ?? 0 }));
  const bounds = Object.entries(promised).flatMap(([side, times]) => {
    const theirs = beside.get(side);
    return theirs === undefined ? [] : [theirs * times];
  });
  const p99Most = p99Of === undefined ? undefined : p99.peers?.[p99Of];
  return [
    { ...rate, ...(bounds.length === 0 ? {} : { limit: { least: Math.max(...bounds) } }) },
    p50,
    { ...p99, ...(p99Most === undefined ? {} : { limit: { most: p99Most } }) },
  ];
}
