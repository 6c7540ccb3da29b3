import { FISCAL_YEAR, type LedgerQuestion } from '../figures/gatewayLedger.dialects.js';
import type { BenchHouse } from './house.js';

const PEOPLE_ASKED = 1_000;
const LINES_MIN = 4;

/** People with a year's ledger worth looking at, none under 支援措置: their answers carry a warning the others lack. */
export async function peopleAsked(house: BenchHouse, database: string): Promise<readonly LedgerQuestion[]> {
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
