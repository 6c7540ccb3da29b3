import { measureBeside } from '../support/beside.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { FISCAL_YEAR, LEDGER_DIALECTS, type LedgerQuestion } from './gatewayLedger.dialects.js';

const PEOPLE_ASKED = 1_000;
const LINES_MIN = 4;

/**
 * 収納台帳の照会: a person's levy lines of one year with the receipts applied to them. Asked by a counter clerk, who
 * holds nearly nothing but `ledger:read` and `receipt:read`. Floor: the same bytes from one statement behind node:http.
 */
export function gatewayLedger(house: BenchHouse): Promise<readonly FigureLine[]> {
  return measureBeside(house, {
    figure: 'gateway.ledger',
    role: 'counterClerk',
    headers: { 'kuramori-purpose': 'COUNTER', 'kuramori-terminal': 'T-01' },
    floor: new URL('../processes/ledgerFloor.js', import.meta.url),
    questions: peopleAsked,
    dialects: LEDGER_DIALECTS,
    promised: { floor: 0.5, mercurius: 1.5, apollo: 2.2 },
    p99Of: 'postgraphile',
  });
}

/** People with a year's ledger worth looking at, none under 支援措置: their answers carry a warning the others lack. */
async function peopleAsked(house: BenchHouse, database: string): Promise<readonly LedgerQuestion[]> {
  const owner = house.open(database, 'owner', 1);
  try {
    const rows = await owner.run(
      'bench.people',
      ({ raw }) => raw<{ addresseeNo: string }[]>`
      select l.addressee_no as "addresseeNo" from records.levy_line l
      where l.levy_fiscal_year = ${FISCAL_YEAR}::smallint
        and not exists (select from records.protection_reach r where r.addressee_no = l.addressee_no)
      group by l.addressee_no having count(*) >= ${LINES_MIN}::integer
      order by md5(l.addressee_no) limit ${PEOPLE_ASKED}::integer`,
    );
    return [...rows];
  } finally {
    await owner.close();
  }
}
