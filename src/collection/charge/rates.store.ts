import { yearlyRates } from '../../../schema/records/municipality.js';
import type { Session } from '../../kernel/database/database.js';
import type { RateTable } from './rates.js';

/** All registered yearly rates; a few dozen rows. */
export async function readRates(session: Session): Promise<RateTable> {
  const rows = await session.run('rate.all', ({ orm }) => orm.select().from(yearlyRates));
  return new Map(
    rows.map((row) => [
      row.year,
      {
        lowTenths: row.lateRateFirstTenths,
        highTenths: row.lateRateAfterTenths,
        // From 2014 on the grace rate and the rate of refund interest are the same figure (handbook 02 §3).
        graceTenths: row.refundInterestTenths,
      },
    ]),
  );
}
