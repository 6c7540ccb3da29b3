import type { LoadReport } from '../processes/load.js';
import type { FigureLine } from '../support/figure.js';
import { bareLog } from '../support/bareLog.js';
import { enteredLog } from '../support/entered.js';
import { startBenchGateway } from '../support/gateway.js';
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
 * Connections, rounds, milliseconds of a round; what is promised is at 32, the others are told beside it. Many short
 * rounds: what a shared machine gives changes within seconds, and must not meet one side alone.
 */
const LOADS = [
  { connections: 32, rounds: 21, ms: 1_500, promised: true },
  { connections: 8, rounds: 7, ms: 1_500, promised: false },
  { connections: 1, rounds: 7, ms: 1_500, promised: false },
];
const WARM_MS = 400;

/**
 * 監査ログの費用: latency of the ledger query with the audit, divided by the latency without it: the same gateway code
 * in processes of their own, one of which has a log that resolves at once. Floor: the same ratio of a log that only
 * inserts the bodies into a plain table and commits. All hold a signed-in session and decide what may be seen; they
 * take turns.
 */
export async function gatewayAuditCost(house: BenchHouse): Promise<readonly FigureLine[]> {
  const database = await house.demonstration();
  const audited = await startBenchGateway(house, database, LEDGER_ROLE);
  const unaudited = await startBenchGateway(house, database, LEDGER_ROLE, { module: UNAUDITED });
  const environment = await bareLog(house, database);
  const bare = await startBenchGateway(house, database, LEDGER_ROLE, { module: BARE, environment });
  const requests = await ledgerRequests(house, database);
  const load = startLoad(house);
  const sides = [
    { name: 'audited', gateway: audited },
    { name: 'unaudited', gateway: unaudited },
    { name: 'bare', gateway: bare },
  ];
  const files = new Map<string, string>();
  for (const { name, gateway } of sides) {
    const headers = ledgerHeaders(await gateway.freshToken());
    files.set(name, await ledgerExchanges(house, name, gateway.address, headers, requests));
  }
  const lines: FigureLine[] = [];
  for (const { connections, rounds, ms, promised } of LOADS) {
    const contenders = sides.map(({ name, gateway }) => ({
      name,
      take: async () => {
        const report = await loadRound(load, {
          address: gateway.address,
          headers: ledgerHeaders(await gateway.freshToken()),
          connections,
          warmMs: WARM_MS,
          ms,
          exchanges: files.get(name) ?? '',
        });
        await enteredLog(house, database);
        return report;
      },
    }));
    const told = ({ p50Ms, p99Ms }: LoadReport) => `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)} ms`;
    const results = await takeTurns(rounds, contenders, told);
    lines.push(...ratioLines(results, connections, promised));
  }
  await Promise.all([load.stop(), audited.stop(), unaudited.stop(), bare.stop()]);
  return lines;
}

function ratioLines(
  results: ReadonlyMap<string, readonly LoadReport[]>,
  connections: number,
  promised: boolean,
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
