import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { Exchange, LoadFailure, LoadOrder, LoadReport } from '../processes/load.js';
import type { Child } from '../support/children.js';
import { progress, type FigureLine } from '../support/figure.js';
import { startBenchGateway, type BenchGateway } from '../support/gateway.js';
import type { BenchHouse } from '../support/house.js';
import { alternate, assertMeasured, median } from '../support/rounds.js';

const CONNECTIONS = 32;
const ROUNDS = 5;
const ROUND_MS = 6_000;
const WARM_MS = 1_500;
const PEOPLE_ASKED = 1_000;
const ASKED_AT_ONCE = 16;
const FISCAL_YEAR = 2026;
const LINES_MIN = 4;
/** The most restricted role that may ask it: `ledger:read` and `receipt:read` are nearly all it holds. */
const ROLE = 'counterClerk';
const HEADERS = { 'kuramori-purpose': 'COUNTER', 'kuramori-terminal': 'T-01' };

const QUERY = `query Ledger($addresseeNo: String!, $fiscalYear: Int!) {
  addressee(addresseeNo: $addresseeNo) {
    addresseeNo
    name
    levies(fiscalYear: $fiscalYear, first: 40) {
      nodes {
        id
        noticeNo
        taxItem { name }
        instalmentNo
        dueOn
        levied
        received
        taxOutstanding
        lateChargeOutstanding
        settled
        allocations(first: 8) {
          nodes { amount effectiveOn receipt { id channel paidOn bookedOn amount } }
        }
      }
    }
  }
}`;

/**
 * 収納台帳の照会: a person's levy lines of one year with the receipts applied to them, over HTTP on 32 connections,
 * signed in, with the audit on. Floor: the same bytes from one statement behind node:http. Gateway, floor and load are
 * processes of their own.
 */
export async function gatewayLedger(house: BenchHouse): Promise<readonly FigureLine[]> {
  const database = await house.demonstration();
  const people = await peopleAsked(house, database);
  const gateway = await startBenchGateway(house, database, ROLE);
  const floor = house.children.start(new URL('../processes/ledgerFloor.js', import.meta.url), {
    environment: { RECORDS_DATABASE_URL: house.url(database, 'gateway') },
  });
  const { ready: floorAddress } = (await floor.message()) as { ready: string };
  const exchanges = await agreedExchanges(gateway, floorAddress, people);
  const file = join(house.home, 'exchanges.json');
  writeFileSync(file, JSON.stringify(exchanges));
  const load = house.children.start(new URL('../processes/load.js', import.meta.url), { arguments: [file] });
  const { values, floors } = await alternate(
    ROUNDS,
    async () => ask(load, gateway.address, await headersOf(gateway)),
    () => ask(load, floorAddress, HEADERS),
    ({ perSecond, p50Ms, p99Ms }) =>
      `${Math.round(perSecond)}/s (p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms)`,
  );
  await Promise.all([load.stop(), floor.stop(), gateway.stop()]);
  const line = (figure: string, unit: string, pick: (report: LoadReport) => number): FigureLine => ({
    figure,
    value: median(values.map(pick)),
    unit,
    floor: median(floors.map(pick)),
  });
  return [
    line('gateway.ledger', 'requests/s', ({ perSecond }) => perSecond),
    line('gateway.ledger.p50', 'ms', ({ p50Ms }) => p50Ms),
    line('gateway.ledger.p99', 'ms', ({ p99Ms }) => p99Ms),
  ];
}

/** People with a year's ledger worth looking at, none under 支援措置: their answers carry a warning the floor lacks. */
async function peopleAsked(house: BenchHouse, database: string): Promise<readonly string[]> {
  const owner = house.open(database, 'owner', 1);
  try {
    const rows = await owner.run(
      'bench.people',
      ({ raw }) => raw<{ addressee_no: string }[]>`
      select l.addressee_no from records.levy_line l
      where l.levy_fiscal_year = ${FISCAL_YEAR}::smallint
        and not exists (select from records.protection_reach r where r.addressee_no = l.addressee_no)
      group by l.addressee_no having count(*) >= ${LINES_MIN}::integer
      order by md5(l.addressee_no) limit ${PEOPLE_ASKED}::integer`,
    );
    return rows.map(({ addressee_no }) => addressee_no);
  } finally {
    await owner.close();
  }
}

/** Asks both about everybody once. @throws KuramoriError INTERNAL when a single byte differs */
async function agreedExchanges(
  gateway: BenchGateway,
  floor: string,
  people: readonly string[],
): Promise<Exchange[]> {
  const headers = await headersOf(gateway);
  const exchanges: Exchange[] = [];
  for (let from = 0; from < people.length; from += ASKED_AT_ONCE) {
    const some = people.slice(from, from + ASKED_AT_ONCE).map(async (addresseeNo): Promise<Exchange> => {
      const request = JSON.stringify({ query: QUERY, variables: { addresseeNo, fiscalYear: FISCAL_YEAR } });
      const [answer, expected] = await Promise.all([
        answerOf(gateway.address, headers, request),
        answerOf(floor, HEADERS, request),
      ]);
      assertMeasured(answer === expected, 'The gateway and the floor answer differently.');
      return { request, answer };
    });
    exchanges.push(...(await Promise.all(some)));
  }
  const bytes = exchanges.reduce((sum, { answer }) => sum + Buffer.byteLength(answer), 0);
  progress(
    `  ${exchanges.length} people, answers agree byte for byte, ${Math.round(bytes / exchanges.length)} bytes each`,
  );
  return exchanges;
}

async function answerOf(address: string, headers: Record<string, string>, body: string): Promise<string> {
  const answer = await fetch(new URL('/graphql', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  assertMeasured(answer.status === 200, `A ledger query was answered with status ${answer.status}.`);
  return answer.text();
}

async function headersOf(gateway: BenchGateway): Promise<Record<string, string>> {
  return { ...HEADERS, authorization: `Bearer ${await gateway.freshToken()}` };
}

async function ask(
  load: Child,
  address: string,
  headers: Readonly<Record<string, string>>,
): Promise<LoadReport> {
  const order: LoadOrder = { address, headers, connections: CONNECTIONS, warmMs: WARM_MS, ms: ROUND_MS };
  const report = (await load.ask(order)) as LoadReport | LoadFailure;
  if ('failure' in report) throw new KuramoriError('INTERNAL', report.failure);
  return report;
}
