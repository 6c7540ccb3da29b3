import type { Database, Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import {
  AUDIT_PAGE_SIZE_MAX,
  AUDIT_SCAN_GROWTH,
  AUDIT_SCAN_RECORDS_FIRST,
  AUDIT_SCAN_RECORDS_MAX,
  AUDIT_SEARCH_ROUNDS_MAX,
} from '../kernel/limits.js';
import { catchUp } from './catchUp.js';
import { candidatesOf } from './search.candidates.js';
import type { AuditFilter, AuditPage, FoundAuditEntry } from './search.filter.js';
import { entriesOf, rangeOf, shapesOf } from './search.sql.js';

export type { AuditFilter, AuditPage, FoundAuditEntry } from './search.filter.js';

/** A page. With a `nextCursor` there may be more, even if the page is short or empty. */
export interface AuditEntriesPage {
  readonly entries: readonly FoundAuditEntry[];
  readonly nextCursor: bigint | undefined;
}

/**
 * Finds entries, newest first. A page looks at a bounded number of records and then ends, full or not; there is no
 * total (lessons 1, 3, 4).
 * @throws KuramoriError BAD_INPUT when the page's size is out of bounds; as `Session.run`
 */
export async function searchAuditEntries(
  database: Database,
  filter: AuditFilter,
  page: AuditPage,
): Promise<AuditEntriesPage> {
  if (!Number.isInteger(page.size) || page.size < 1 || page.size > AUDIT_PAGE_SIZE_MAX) {
    throw new KuramoriError('BAD_INPUT', `A page holds between 1 and ${AUDIT_PAGE_SIZE_MAX} audit entries.`);
  }
  await catchUp(database, 'leavesIt');
  const [shapes, range] = await Promise.all([
    filter.coordinate === undefined ? undefined : shapesOf(database, filter.coordinate),
    rangeOf(database, filter, page.before),
  ]);
  const entries: FoundAuditEntry[] = [];
  let high = range.high;
  let before = page.before;
  // Most pages are full of the newest: the scan is short at first and grows.
  let scanned = AUDIT_SCAN_RECORDS_FIRST;
  for (let round = 0; round < AUDIT_SEARCH_ROUNDS_MAX; round++) {
    const size = { wanted: page.size - entries.length + 1, scanned };
    const candidates = await plannedByValues(database, (tx) =>
      candidatesOf(tx, filter, shapes, { low: range.low, high }, size),
    );
    entries.push(...(await entriesOf(database, filter, candidates.places, before, size.wanted)));
    if (entries.length > page.size) return pageFull(entries, page.size);
    if (candidates.floor === undefined) return { entries, nextCursor: undefined };
    high = candidates.floor.recordNo;
    before = candidates.floor.firstSequence;
    scanned = Math.min(scanned * AUDIT_SCAN_GROWTH, AUDIT_SCAN_RECORDS_MAX);
  }
  return { entries, nextCursor: before };
}

/**
 * A kept plan does not know whether a value is a clerk's or that of a job which wrote nearly all. Only what leads a
 * search is planned anew: the function that reads a body would be, too, for each body.
 */
function plannedByValues<T>(database: Database, work: (tx: Session) => Promise<T>): Promise<T> {
  const planned = async (tx: Session) => {
    const [, found] = await Promise.all([
      tx.run('audit.search.planning', ({ raw }) => raw`set local plan_cache_mode = force_custom_plan`),
      work(tx),
    ]);
    return found;
  };
  return database.transaction('audit.search', planned, 'read');
}

/**
 * One entry by its number (通番).
 * @returns undefined when the log has not come so far
 */
export async function findAuditEntry(
  database: Database,
  sequence: bigint,
): Promise<FoundAuditEntry | undefined> {
  const { entries } = await searchAuditEntries(database, {}, { size: 1, before: sequence + 1n });
  return entries.find((entry) => entry.sequence === sequence);
}

function pageFull(entries: FoundAuditEntry[], size: number): AuditEntriesPage {
  const kept = entries.slice(0, size);
  return { entries: kept, nextCursor: kept.at(-1)?.sequence };
}
