import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../support/children.js';
import { progress, type FigureLine } from '../support/figure.js';
import { MEMORY_FLAGS, memoryOf, startBenchGateway } from '../support/gateway.js';
import type { BenchHouse } from '../support/house.js';
import {
  LEDGER_ROLE,
  ledgerAnswer,
  ledgerExchanges,
  ledgerHeaders,
  ledgerRequests,
  loadRound,
  startLoad,
} from '../support/ledgerLoad.js';

const REST_MS = 10_000;
const LOAD_MS = 30_000;
const SETTLE_MS = 5_000;
const CONNECTIONS = 32;
const BYTES_PER_MEGABYTE = 1_000_000;

interface Resident {
  /** Megabytes. */
  readonly rest: number;
  readonly loaded: number;
}

interface Measured {
  readonly name: string;
  readonly address: string;
  readonly child: Child;
  headers(): Promise<Readonly<Record<string, string>>>;
}

/**
 * 常駐メモリ: what the operating system says the gateway's process holds ten seconds after its start and one query, and
 * again five seconds after thirty seconds of ledgers on 32 connections. Floor: the same of a process that is nothing
 * but node:http and postgres.js, under its own load.
 */
export async function gatewayRss(house: BenchHouse): Promise<readonly FigureLine[]> {
  const database = await house.demonstration();
  const requests = await ledgerRequests(house, database);
  const gateway = await startBenchGateway(house, database, LEDGER_ROLE, { flags: MEMORY_FLAGS });
  const value = await resident(house, requests, {
    name: 'gateway',
    address: gateway.address,
    child: gateway.child,
    headers: async () => ledgerHeaders(await gateway.freshToken()),
  });
  const floorProcess = house.children.start(new URL('../processes/ledgerFloor.js', import.meta.url), {
    flags: MEMORY_FLAGS,
    environment: { RECORDS_DATABASE_URL: house.url(database, 'gateway') },
  });
  const { ready: address } = (await floorProcess.message()) as { ready: string };
  const floor = await resident(house, requests, {
    name: 'floor',
    address,
    child: floorProcess,
    headers: async () => ({}),
  });
  return [
    { figure: 'gateway.rss.rest', value: value.rest, unit: 'MB', floor: floor.rest },
    { figure: 'gateway.rss.loaded', value: value.loaded, unit: 'MB', floor: floor.loaded },
  ];
}

async function resident(
  house: BenchHouse,
  requests: readonly string[],
  measured: Measured,
): Promise<Resident> {
  const { name, address, child } = measured;
  await sleep(REST_MS);
  await ledgerAnswer(address, await measured.headers(), requests[0] ?? '');
  const rest = await megabytes(child);
  const exchanges = await ledgerExchanges(house, `rss-${name}`, address, await measured.headers(), requests);
  const load = startLoad(house);
  const headers = await measured.headers();
  await loadRound(load, { address, headers, connections: CONNECTIONS, warmMs: 0, ms: LOAD_MS, exchanges });
  await load.stop();
  await sleep(SETTLE_MS);
  const loaded = await megabytes(child);
  await child.stop();
  progress(`  ${name}: ${rest.toFixed(0)} MB at rest, ${loaded.toFixed(0)} MB after load`);
  return { rest, loaded };
}

async function megabytes(child: Child): Promise<number> {
  return (await memoryOf(child, 'asIs')).rss / BYTES_PER_MEGABYTE;
}
