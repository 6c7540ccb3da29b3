import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KuramoriError } from '../../src/kernel/errors.js';
import { LEDGER_DIALECTS } from '../figures/gatewayLedger.dialects.js';
import type { Exchange, LoadFailure, LoadOrder, LoadReport } from '../processes/load.js';
import type { Child } from './children.js';
import type { BenchHouse } from './house.js';
import { peopleAsked } from './ledgerPeople.js';
import { assertMeasured } from './rounds.js';

type Headers = Readonly<Record<string, string>>;

/** The most restricted role that may ask for a ledger. */
export const LEDGER_ROLE = 'counterClerk';
const ASKED_AT_ONCE = 16;

/** Headers of a question for a ledger, with the token of who asks. */
export function ledgerHeaders(token: string): Headers {
  return {
    'kuramori-purpose': 'COUNTER',
    'kuramori-terminal': 'T-01',
    authorization: `Bearer ${token}`,
  };
}

/** Bodies that ask for the ledger of `gateway.ledger`, of people none of whom is under 支援措置. */
export async function ledgerRequests(house: BenchHouse, database: string): Promise<readonly string[]> {
  const { query, variables } = LEDGER_DIALECTS.gateway;
  const people = await peopleAsked(house, database);
  return people.map((person) => JSON.stringify({ query, variables: variables(person) }));
}

/**
 * Asks everything once, which also brings the pages to memory, and keeps what was answered.
 * @returns the file of exchanges for the load
 */
export async function ledgerExchanges(
  house: BenchHouse,
  name: string,
  address: string,
  headers: Headers,
  requests: readonly string[],
): Promise<string> {
  const exchanges: Exchange[] = [];
  for (let from = 0; from < requests.length; from += ASKED_AT_ONCE) {
    const some = requests
      .slice(from, from + ASKED_AT_ONCE)
      .map(async (request) => ({ request, answer: await ledgerAnswer(address, headers, request) }));
    exchanges.push(...(await Promise.all(some)));
  }
  const file = join(house.home, `exchanges-${name}.json`);
  writeFileSync(file, JSON.stringify(exchanges));
  return file;
}

/** One answer. @throws KuramoriError INTERNAL when it is not a ledger */
export async function ledgerAnswer(address: string, headers: Headers, request: string): Promise<string> {
  const answer = await fetch(new URL('/graphql', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: request,
  });
  const text = await answer.text();
  assertMeasured(
    answer.status === 200 && text.startsWith('{"data":{"addressee":{'),
    `A ledger was asked for and not answered: status ${answer.status}.`,
  );
  return text;
}

/** One round of load. @throws KuramoriError INTERNAL when an answer was not, to the byte, the one of before */
export async function loadRound(load: Child, order: LoadOrder): Promise<LoadReport> {
  const report = (await load.ask(order)) as LoadReport | LoadFailure;
  if ('failure' in report) throw new KuramoriError('INTERNAL', report.failure);
  return report;
}

/** A process that makes load. */
export function startLoad(house: BenchHouse): Child {
  return house.children.start(new URL('../processes/load.js', import.meta.url));
}
