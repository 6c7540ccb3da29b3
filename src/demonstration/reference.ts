import { readRates } from '../collection/charge/rates.store.js';
import type { Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import type { Reference } from './book.js';
import { OfficeCalendar } from './days.js';

/** Reads holidays, rates and tax items. */
export async function readReference(session: Session): Promise<Reference> {
  const holidays = await session.run(
    'demonstration.holidays',
    ({ raw }) => raw<{ on_day: string }[]>`
    select on_day from records.holiday`,
  );
  const items = await session.run(
    'demonstration.taxItems',
    ({ raw }) => raw<{ identifier: string; code: string }[]>`
    select identifier, code from records.tax_item`,
  );
  return {
    calendar: new OfficeCalendar(new Set(holidays.map(({ on_day }) => on_day))),
    rates: await readRates(session),
    taxItems: new Map(items.map(({ identifier, code }) => [identifier, code])),
  };
}

/**
 * The demonstration goes into an empty database only: numbers are given as if nobody had any.
 * @throws KuramoriError CONFLICT
 */
export async function refuseNonEmpty(session: Session): Promise<void> {
  const [found] = await session.run(
    'demonstration.empty',
    ({ raw }) => raw<{ filled: boolean }[]>`
    select exists (select from records.addressee) or exists (select from records.change)
      or exists (select from records.municipality) as filled`,
  );
  if (found?.filled !== false) {
    throw new KuramoriError(
      'CONFLICT',
      'The records database is not empty. The demonstration needs an empty one; nothing was changed.',
    );
  }
}
