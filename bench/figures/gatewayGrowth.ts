import { KuramoriError } from '../../src/kernel/errors.js';
import type { LoadReport } from '../processes/load.js';
import type { Child } from '../support/children.js';
import type { FigureLine } from '../support/figure.js';
import { startBenchGateway, startGatewayProcess } from '../support/gateway.js';
import type { BenchHouse } from '../support/house.js';
import {
  LEDGER_ROLE,
  ledgerExchanges,
  ledgerHeaders,
  ledgerRequests,
  loadRound,
  startLoad,
} from '../support/ledgerLoad.js';
import { assertMeasured, median, medianRatio, takeTurns } from '../support/rounds.js';

/** Residents of the small and of the big municipality when `BENCH_GROWTH` does not say. */
const SIZES_DEFAULT = '20000,130000';
const CONNECTIONS = 32;
const ROUNDS = 5;
const ROUND_MS = 4_000;
const WARM_MS = 1_000;
const RATIO_MAX = 1.2;

interface Municipality {
  /** One process alone, all connections to it. */
  readonly one: () => Promise<LoadReport>;
  /** Two processes, half of the connections to each. */
  readonly two: () => Promise<LoadReport>;
  readonly stop: () => Promise<void>;
}

/**
 * 規模と台数: the ledger query in a small and in a big municipality, with one and with two gateway processes, which take
 * turns. Promised is that the middle latency grows by a fifth at most. `BENCH_GROWTH=130000,1300000` chooses the
 * sizes; filling a big one takes long, so that `BENCH_HOME` is worth having. The small municipality is the floor.
 */
export async function gatewayGrowth(house: BenchHouse): Promise<readonly FigureLine[]> {
  const [small, big] = sizesOf(process.env['BENCH_GROWTH'] ?? SIZES_DEFAULT);
  // Both first: who was signed in would not be any more when a big one is filled.
  const filled = { small: await house.demonstration(small), big: await house.demonstration(big) };
  const loads = [startLoad(house), startLoad(house)] as const;
  const towns = {
    small: await municipality(house, filled.small, loads),
    big: await municipality(house, filled.big, loads),
  };
  const results = await takeTurns(
    ROUNDS,
    [
      { name: 'small', take: towns.small.one },
      { name: 'big', take: towns.big.one },
      { name: 'small.two', take: towns.small.two },
      { name: 'big.two', take: towns.big.two },
    ],
    ({ perSecond, p50Ms }) => `${Math.round(perSecond)}/s (p50 ${p50Ms.toFixed(2)} ms)`,
  );
  await Promise.all([towns.small.stop(), towns.big.stop(), ...loads.map((load) => load.stop())]);
  return [
    latencyLine('gateway.growth', '', [small, big], results),
    latencyLine('gateway.growth.two_processes', '.two', [small, big], results),
    rateLine(results),
  ];
}

type Results = ReadonlyMap<string, readonly LoadReport[]>;

function latencyLine(
  figure: string,
  processes: string,
  [small, big]: readonly [number, number],
  results: Results,
): FigureLine {
  const p50 = (name: string) => (results.get(`${name}${processes}`) ?? []).map(({ p50Ms }) => p50Ms);
  return {
    figure,
    value: medianRatio(p50('big'), p50('small')),
    unit: `p50 at ${big} ÷ at ${small}`,
    limit: { most: RATIO_MAX },
    parts: { [small]: median(p50('small')), [big]: median(p50('big')) },
  };
}

function rateLine(results: Results): FigureLine {
  const rates = (name: string) => (results.get(name) ?? []).map(({ perSecond }) => perSecond);
  return {
    figure: 'gateway.growth.second_process',
    value: medianRatio(rates('big.two'), rates('big')),
    unit: 'rate of two ÷ of one',
    parts: Object.fromEntries([...results.keys()].map((name) => [name, median(rates(name))])),
  };
}

async function municipality(
  house: BenchHouse,
  database: string,
  loads: readonly [Child, Child],
): Promise<Municipality> {
  const first = await startBenchGateway(house, database, LEDGER_ROLE);
  // The same issuer: what one of them signed in is good at the other.
  const second = await startGatewayProcess(house, database, { issuer: first.issuer });
  const requests = await ledgerRequests(house, database);
  const headers = async () => ledgerHeaders(await first.freshToken());
  const exchanges = await ledgerExchanges(house, database, first.address, await headers(), requests);
  await ledgerExchanges(house, database, second.address, await headers(), requests);
  const ask = (load: Child, address: string, connections: number, token: Readonly<Record<string, string>>) =>
    loadRound(load, {
      address,
      headers: token,
      connections,
      warmMs: WARM_MS,
      ms: ROUND_MS,
      exchanges,
    });
  return {
    one: async () => ask(loads[0], first.address, CONNECTIONS, await headers()),
    two: async () => {
      const token = await headers();
      const half = CONNECTIONS / 2;
      const both = [ask(loads[0], first.address, half, token), ask(loads[1], second.address, half, token)];
      return together(await Promise.all(both));
    },
    stop: async () => {
      await Promise.all([first.stop(), second.child.stop()]);
    },
  };
}

/** Rates add up; the percentiles of two equal halves are told by their mean. */
function together(reports: readonly LoadReport[]): LoadReport {
  const sum = (pick: (report: LoadReport) => number) =>
    reports.reduce((total, each) => total + pick(each), 0);
  return {
    perSecond: sum(({ perSecond }) => perSecond),
    p50Ms: sum(({ p50Ms }) => p50Ms) / reports.length,
    p99Ms: sum(({ p99Ms }) => p99Ms) / reports.length,
  };
}

/** @throws KuramoriError BAD_INPUT when the text is not two sizes, the smaller first */
function sizesOf(text: string): readonly [number, number] {
  const [small, big, ...more] = text.split(',').map(Number);
  const isGood =
    more.length === 0 &&
    Number.isSafeInteger(small) &&
    Number.isSafeInteger(big) &&
    Number(small) < Number(big);
  if (!isGood) throw new KuramoriError('BAD_INPUT', 'BENCH_GROWTH must be two sizes such as 130000,1300000.');
  assertMeasured(small !== undefined && big !== undefined, 'BENCH_GROWTH has no sizes.');
  return [small ?? 0, big ?? 0];
}
