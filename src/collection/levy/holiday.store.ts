import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';

/** Days of the holiday table. */
export async function readHolidays(session: Session): Promise<ReadonlySet<IsoDate>> {
  const rows = await session.run(
    'levy.holidays',
    ({ raw }) => raw<{ on_day: IsoDate }[]>`select on_day from records.holiday`,
  );
  return new Set(rows.map(({ on_day: day }) => day));
}
