import type { PlainDate } from '../kernel/dates.js';
import type { Database, Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import { DEMONSTRATION_PEOPLE_MAX, DEMONSTRATION_ROWS_PER_BATCH_MAX } from '../kernel/limits.js';
import { Book } from './book.js';
import { planAnew, putBack, takeOff } from './bulk.js';
import { dayNo } from './days.js';
import { municipality, PEOPLE_MIN, yearsShown } from './municipality.js';
import { readReference, refuseNonEmpty } from './reference.js';
import { TABLE_NAMES, type TableName } from './tables.js';
import { MUNICIPALITY } from './words/places.js';
import { moveSequences, storeRows } from './writer.js';

/** What the demonstration is made from. The same options give the same rows. */
export interface DemonstrationOptions {
  /** Residents, `PEOPLE_MIN` to `DEMONSTRATION_PEOPLE_MAX`. */
  readonly people: number;
  /** A whole number from 0. */
  readonly seed: number;
  /** The day that is today in the demonstration. */
  readonly referenceDate: PlainDate;
  /** Called as residents are stored. */
  readonly onProgress?: (residents: number) => void;
  /** Whether keys and indexes are taken off for the time of the build; default from `BULK_PEOPLE_MIN` residents. */
  readonly isBulk?: boolean;
}

/** How many rows each table was given. */
export type DemonstrationSummary = Readonly<Record<TableName, number>>;

/** Residents from which taking keys and indexes off pays. */
const BULK_PEOPLE_MIN = 10_000;
const STEPS_PER_PAUSE = 20;

/**
 * Fills an empty records database with the demonstration municipality, in one transaction: it is there wholly or not at
 * all.
 * @param database a session of the owner of the schema
 * @throws KuramoriError CONFLICT when the database has records already or lacks reference data, BAD_INPUT for options
 * out of range
 */
export async function buildDemonstration(
  database: Database,
  options: DemonstrationOptions,
): Promise<DemonstrationSummary> {
  checkOptions(options);
  const book = await database.transaction('demonstration', async (tx) => {
    await tx.run(
      'demonstration.patience',
      ({ raw }) => raw`
      select set_config('statement_timeout', '0', true), set_config('work_mem', '128MB', true),
        set_config('maintenance_work_mem', '256MB', true)`,
    );
    await refuseNonEmpty(tx);
    const today = dayNo(options.referenceDate.toString());
    const filled = new Book(options.seed, today, await readReference(tx));
    await refuseUnknownYears(tx, filled);
    await tx.run(
      'demonstration.municipality',
      ({ raw }) =>
        raw`insert into records.municipality (code, name) values (${MUNICIPALITY.code}, ${MUNICIPALITY.name})`,
    );
    const isBulk = options.isBulk ?? options.people >= BULK_PEOPLE_MIN;
    if (isBulk) await takeOff(tx);
    await fill(tx, filled, options);
    await moveSequences(tx, filled);
    // Before the tables are altered: a row whose check is pending holds its table.
    await tx.run('demonstration.promises', ({ raw }) => raw`set constraints records.sums immediate`);
    if (isBulk) await putBack(tx);
    // All receipts in one pass, here rather than at commit, so that a failure has a name.
    await tx.run(
      'demonstration.balance',
      ({ raw }) => raw`set constraints records.balanced_at_commit immediate`,
    );
    await tx.run('demonstration.analyze', ({ raw }) => raw`analyze`);
    return filled;
  });
  return Object.fromEntries(TABLE_NAMES.map((table) => [table, book.count(table)])) as DemonstrationSummary;
}

/** Makes and stores in turn: while PostgreSQL stores a batch, the next one is made. */
async function fill(tx: Session, book: Book, options: DemonstrationOptions): Promise<void> {
  let storing: Promise<void> = Promise.resolve();
  let steps = 0;
  const store = async (residents: number) => {
    await storing;
    const rows = book.take();
    storing = storeRows(tx, rows)
      .then(() => planAnew(tx))
      .then(() => options.onProgress?.(residents));
    // Awaited with the next batch; until then a failure has somebody to hear it.
    storing.catch(() => undefined);
  };
  for (const residents of municipality(book, options.people)) {
    if (book.pending >= DEMONSTRATION_ROWS_PER_BATCH_MAX) await store(residents);
    // The driver can only send while we let go of the thread.
    else if (++steps % STEPS_PER_PAUSE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await store(options.people);
  await storing;
}

function checkOptions({ people, seed }: DemonstrationOptions): void {
  if (!Number.isSafeInteger(people) || people < PEOPLE_MIN || people > DEMONSTRATION_PEOPLE_MAX) {
    throw new KuramoriError(
      'BAD_INPUT',
      `The number of people must be a whole number from ${PEOPLE_MIN} to ${DEMONSTRATION_PEOPLE_MAX}.`,
    );
  }
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new KuramoriError('BAD_INPUT', 'The seed must be a whole number from 0.');
}

/** Due dates fall up to a year past the last fiscal year shown: holidays must be registered for all of it. */
async function refuseUnknownYears(tx: Session, book: Book): Promise<void> {
  const { first, last } = yearsShown(book);
  const [known] = await tx.run(
    'demonstration.holidays',
    ({ raw }) => raw<{ years: number }[]>`
    select count(distinct extract(year from on_day))::int as years from records.holiday
    where extract(year from on_day) between ${first} and ${last + 1}`,
  );
  if (known?.years !== last - first + 2) {
    throw new KuramoriError(
      'BAD_INPUT',
      'Holidays are not registered for all years of the demonstration. Choose another date.',
      {
        firstYear: first,
        lastYear: last + 1,
      },
    );
  }
}
