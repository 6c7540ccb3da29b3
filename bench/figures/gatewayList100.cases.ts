import { measureBeside, type AskGateway } from '../support/beside.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { CASES_DIALECTS, type CasesQuestion } from './gatewayList100.cases.dialects.js';

const CASES = 100;
/** Pages begin this many cases apart. */
const STEP = 5;
const PAGES_ASKED = 200;

const EVERY_CASE = `query Pages($officerId: String!, $after: String) {
  delinquencyCases(filter: { officerId: $officerId, openOnly: true }, first: 100, after: $after) {
    edges { cursor node { id } }
    pageInfo { endCursor hasNextPage }
  }
}`;

/**
 * 滞納事案一覧: an officer's next hundred open cases, each with the person, what is overdue and what is owed in all.
 * Asked by a delinquency officer, the most restricted person who may. Nearly all of its time is the database's, which
 * adds up some five thousand balances for each answer.
 */
export function gatewayCases100(house: BenchHouse): Promise<readonly FigureLine[]> {
  return measureBeside(house, {
    figure: 'gateway.cases100',
    role: 'delinquencyOfficer',
    headers: { 'kuramori-purpose': 'DELINQUENCY', 'kuramori-terminal': 'T-01' },
    floor: new URL('../processes/cases100Floor.js', import.meta.url),
    questions: pagesAsked,
    dialects: CASES_DIALECTS,
    promised: {},
  });
}

/** Pages of the officers' lists that hold nobody under 支援措置: that would add a warning. */
async function pagesAsked(
  house: BenchHouse,
  database: string,
  ask: AskGateway,
): Promise<readonly CasesQuestion[]> {
  const owner = house.open(database, 'owner', 1);
  try {
    const officers = await owner.run(
      'bench.officers',
      ({ raw }) => raw<{ officerId: string }[]>`
      select distinct officer_id as "officerId" from records.delinquency_case order by 1`,
    );
    const pages: CasesQuestion[] = [];
    for (const { officerId } of officers) pages.push(...(await pagesOf(officerId, ask)));
    const asked: CasesQuestion[] = [];
    const { query, variables } = CASES_DIALECTS.gateway;
    for (const page of pages) {
      if (asked.length === PAGES_ASKED) break;
      const answer = JSON.parse(await ask(query, variables(page))) as object;
      if (!('extensions' in answer)) asked.push(page);
    }
    return asked;
  } finally {
    await owner.close();
  }
}

interface Page {
  readonly data: {
    readonly delinquencyCases: {
      readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
      readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
    };
  };
}

/** Where a full page of an officer's list can begin. */
async function pagesOf(officerId: string, ask: AskGateway): Promise<readonly CasesQuestion[]> {
  const places: CasesQuestion[] = [];
  let after: string | undefined;
  for (let more = true; more && places.length < PAGES_ASKED * STEP;) {
    const answer = await ask(EVERY_CASE, after === undefined ? { officerId } : { officerId, after });
    const { edges, pageInfo } = (JSON.parse(answer) as Page).data.delinquencyCases;
    places.push(...edges.map(({ cursor, node }) => ({ officerId, after: cursor, beforeId: node.id })));
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  return places.slice(0, -CASES).filter((_, index) => index % STEP === 0);
}
