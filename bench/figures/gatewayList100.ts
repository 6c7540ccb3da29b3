import { measureBeside, type AskGateway } from '../support/beside.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { LIST_DIALECTS, type ListQuestion } from './gatewayList100.dialects.js';

const PEOPLE = 100;
const READINGS_ASKED = 200;

/**
 * 宛名検索: the first hundred people whose reading begins with some characters, each with the balances of this year's
 * levy lines. Asked by a counter clerk. Floor: the same bytes from one statement behind node:http.
 */
export function gatewayList100(house: BenchHouse): Promise<readonly FigureLine[]> {
  return measureBeside(house, {
    figure: 'gateway.list100',
    role: 'counterClerk',
    headers: { 'kuramori-purpose': 'COUNTER', 'kuramori-terminal': 'T-01' },
    floor: new URL('../processes/list100Floor.js', import.meta.url),
    questions: readingsAsked,
    dialects: LIST_DIALECTS,
    promised: { apollo: 2 },
  });
}

/** Readings that a hundred people share, whose first hundred hold nobody under 支援措置: that would add a warning. */
async function readingsAsked(
  house: BenchHouse,
  database: string,
  ask: AskGateway,
): Promise<readonly ListQuestion[]> {
  const owner = house.open(database, 'owner', 1);
  const asked: ListQuestion[] = [];
  try {
    const readings = await owner.run(
      'bench.readings',
      ({ raw }) => raw<ListQuestion[]>`
      select left(p.kana_folded, length) as kana from records.addressee p, generate_series(1, 4) as length
      group by 1 having count(*) >= ${PEOPLE}::integer order by md5(left(p.kana_folded, length))`,
    );
    const { query, variables } = LIST_DIALECTS.gateway;
    for (const reading of readings) {
      if (asked.length === READINGS_ASKED) break;
      const answer = JSON.parse(await ask(query, variables(reading))) as object;
      if (!('extensions' in answer)) asked.push(reading);
    }
  } finally {
    await owner.close();
  }
  return asked;
}
