import type { LoadOrder, LoadReport } from '../processes/load.js';
import type { Child } from '../support/children.js';
import { progress, type FigureLine } from '../support/figure.js';
import { bareLog } from '../support/bareLog.js';
import { enteredLog } from '../support/entered.js';
import {
  startBenchGateway,
  startGatewayProcess,
  type BenchGateway,
  type GatewayOptions,
  type GatewayProcess,
} from '../support/gateway.js';
import type { BenchHouse } from '../support/house.js';
import {
  LEDGER_ROLE,
  ledgerExchanges,
  ledgerHeaders,
  ledgerRequests,
  loadRound,
  startLoad,
} from '../support/ledgerLoad.js';
import { median, medianRatio, takeTurns } from '../support/rounds.js';

const UNAUDITED = new URL('../processes/unauditedGateway.js', import.meta.url);
const BARE = new URL('../processes/bareLogGateway.js', import.meta.url);
const RATIO_MAX = 1.25;
/**
 * Sets of processes, one after the other: how long the collections of garbage of a process take is settled when it
 * starts, and moves its p99 by a third for as long as it runs. Not all at once: with more of them alive, each rests
 * longer between its rounds, and the p99 was higher and less steady (docs/performance.md).
 */
const SETS = 5;
/**
 * Connections, rounds of a set, milliseconds of a round; what is promised is at 32, the others are told beside it. Many
 * short rounds: what a shared machine gives changes within seconds, and must not meet one side alone.
 */
const LOADS = [
  { connections: 32, rounds: 7, ms: 1_500, promised: true },
  { connections: 8, rounds: 1, ms: 1_500, promised: false },
  { connections: 1, rounds: 1, ms: 1_500, promised: false },
];
const WARM_MS = 400;
/** What every process works before its first round, so that its code is compiled. */
const FIRST = { connections: 32, warmMs: 0, ms: 3_000 };

/** What all sets share. */
interface Scene {
  readonly house: BenchHouse;
  readonly database: string;
  readonly load: Child;
  /** Who signed in there is known to all of the same issuer; it rests in the rounds. */
  readonly desk: BenchGateway & GatewayProcess;
  readonly requests: readonly string[];
}

/** One of the compared in one set. */
interface Side {
  readonly name: string;
  readonly gateway: GatewayProcess;
  /** File of what is asked and answered. */
  readonly exchanges: string;
}

type Results = Map<string, LoadReport[]>;

/**
 * 監査ログの費用: latency of the ledger query with the audit, divided by the latency without it: the same gateway code
 * in processes of their own, one of which has a log that resolves at once. Floor: the same ratio of a log that only
 * inserts the bodies into a plain table and commits. All share a signed-in session and decide what may be seen; they
 * take turns.
 */
export async function gatewayAuditCost(house: BenchHouse): Promise<readonly FigureLine[]> {
  const database = await house.demonstration();
  const desk = await startBenchGateway(house, database, LEDGER_ROLE);
  const requests = await ledgerRequests(house, database);
  const scene = { house, database, desk, requests, load: startLoad(house) };
  const programs: Readonly<Record<string, GatewayOptions>> = {
    audited: {},
    unaudited: { module: UNAUDITED },
    bare: { module: BARE, environment: await bareLog(house, database) },
  };
  const results = LOADS.map((): Results => new Map());
  for (let set = 1; set <= SETS; set += 1) {
    progress(`  set ${set} of ${SETS}`);
    const sides: Side[] = [];
    for (const [name, options] of Object.entries(programs)) sides.push(await started(scene, name, options));
    for (const [place, { rounds, connections, ms }] of LOADS.entries()) {
      const order = { connections, ms, warmMs: WARM_MS };
      const contenders = sides.map((side) => ({ name: side.name, take: () => round(scene, side, order) }));
      for (const [name, reports] of await takeTurns(rounds, contenders, told))
        results[place]?.set(name, [...(results[place].get(name) ?? []), ...reports]);
    }
    await Promise.all(sides.map(({ gateway }) => gateway.child.stop()));
  }
  await Promise.all([scene.load.stop(), desk.stop()]);
  return LOADS.flatMap((load, place) => ratioLines(results[place] ?? new Map(), load));
}

/** Starts a process of a side and has it work. */
async function started(scene: Scene, name: string, options: GatewayOptions): Promise<Side> {
  const { house, database, desk, requests } = scene;
  const gateway = await startGatewayProcess(house, database, { ...options, issuer: desk.issuer });
  const headers = ledgerHeaders(await desk.freshToken());
  const exchanges = await ledgerExchanges(house, name, gateway.address, headers, requests);
  const side = { name, gateway, exchanges };
  await round(scene, side, FIRST);
  return side;
}

async function round(
  { house, database, desk, load }: Scene,
  { gateway, exchanges }: Side,
  order: Pick<LoadOrder, 'connections' | 'warmMs' | 'ms'>,
): Promise<LoadReport> {
  const headers = ledgerHeaders(await desk.freshToken());
  const report = await loadRound(load, { ...order, address: gateway.address, headers, exchanges });
  await enteredLog(house, database);
  return report;
}

function told({ p50Ms, p99Ms }: LoadReport): string {
  return `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)} ms`;
}

function ratioLines(
  results: ReadonlyMap<string, readonly LoadReport[]>,
  { connections, promised }: (typeof LOADS)[number],
): readonly FigureLine[] {
  const line = (percentile: string, pick: (report: LoadReport) => number): FigureLine => {
    const of = (name: string) => (results.get(name) ?? []).map(pick);
    const [audited, unaudited, bare] = [of('audited'), of('unaudited'), of('bare')];
    return {
      figure: `gateway.audit_cost.${percentile}${promised ? '' : `.connections${connections}`}`,
      value: medianRatio(audited, unaudited),
      unit: 'audited ÷ unaudited',
      floor: medianRatio(bare, unaudited),
      ...(promised ? { limit: { most: RATIO_MAX } } : {}),
      parts: { audited: median(audited), unaudited: median(unaudited), bare: median(bare) },
    };
  };
  return [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)];
}
