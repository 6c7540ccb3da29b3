import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/cli/embedded/cluster.js';
import type { FigureLine } from '../support/figure.js';
import { GATEWAY_PROGRAM, gatewayEnvironment, startBenchGateway } from '../support/gateway.js';
import type { BenchHouse } from '../support/house.js';
import { LEDGER_ROLE, ledgerAnswer, ledgerHeaders, ledgerRequests } from '../support/ledgerLoad.js';
import { alternate, assertMeasured, median } from '../support/rounds.js';

const STARTS = 7;
const POLL_MS = 5;
const START_MS_MAX = 30_000;
const LIMIT_MS = 1_500;

/**
 * 起動から最初の応答まで: from starting the process of `kuramori gateway`, on a database that is migrated and filled, to
 * the last byte of the first answer to a signed-in ledger query; the token was made before, by another gateway. Floor:
 * the same of a process that is nothing but node:http and postgres.js.
 */
export async function gatewayColdStart(house: BenchHouse): Promise<readonly FigureLine[]> {
  const database = await house.demonstration();
  const [request] = await ledgerRequests(house, database);
  assertMeasured(request !== undefined, 'The demonstration has nobody to ask about.');
  const before = await startBenchGateway(house, database, LEDGER_ROLE);
  const headers = ledgerHeaders(await before.freshToken());
  const expected = await ledgerAnswer(before.address, headers, request ?? '');
  await before.stop();
  const measure = async (start: () => Promise<Started>): Promise<number> => {
    const startedAt = performance.now();
    const { address, stop } = await start();
    const answer = await ledgerAnswer(address, headers, request ?? '');
    const ms = performance.now() - startedAt;
    assertMeasured(answer === expected, 'The first answer after a start is not the one of before.');
    await stop();
    return ms;
  };
  const { values, floors } = await alternate(
    STARTS,
    () => measure(() => startedGateway(house, database, before.issuer)),
    () => measure(() => startedFloor(house, database)),
    (ms) => `${ms.toFixed(0)} ms`,
  );
  const limit = { most: LIMIT_MS };
  return [
    { figure: 'gateway.cold_start', value: median(values), unit: 'ms', floor: median(floors), limit },
    {
      figure: 'gateway.cold_start.max',
      value: Math.max(...values),
      unit: 'ms',
      floor: Math.max(...floors),
      limit,
    },
  ];
}

interface Started {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

async function startedGateway(house: BenchHouse, database: string, issuer: string): Promise<Started> {
  const port = await freePort();
  const child = house.children.start(GATEWAY_PROGRAM, {
    arguments: ['gateway'],
    environment: gatewayEnvironment(house, database, port, issuer),
  });
  await listening(port);
  return { address: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}

async function startedFloor(house: BenchHouse, database: string): Promise<Started> {
  const child = house.children.start(new URL('../processes/ledgerFloor.js', import.meta.url), {
    environment: { RECORDS_DATABASE_URL: house.url(database, 'gateway') },
  });
  const { ready: address } = (await child.message()) as { ready: string };
  return { address, stop: () => child.stop() };
}

/** Resolves when the port takes a connection. */
async function listening(port: number): Promise<void> {
  const until = performance.now() + START_MS_MAX;
  while (!(await takesConnection(port))) {
    assertMeasured(performance.now() < until, 'The gateway did not listen in time.');
    await sleep(POLL_MS);
  }
}

function takesConnection(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
