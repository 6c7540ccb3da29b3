import { sumYen } from '../../kernel/yen.js';
import { fileRejected } from '../layout/faults.js';
import { decodeInto, type IdentifiedFile } from './decode.js';
import type { LoadJob, LoadOptions } from './job.js';
import { judgeLevies } from './levies/judge.js';
import { adjustLevies, createLevies } from './levies/post.js';
import { releaseOverassessed } from './levies/release.js';
import { LevyStage, readHolidays } from './levies/stage.js';
import { loadFile, type PlannedLoad } from './loadFile.js';
import type { CountAndYen, LeviesOutcome, LoadResult } from './outcome.js';

/**
 * 調定データの取込: loads an assessment file, whole or not at all: new levy lines with their effective due dates, and
 * adjustments (更正) of lines that exist. A record that says what the ledger holds already changes nothing.
 * @throws KuramoriError FILE_REJECTED with record numbers and codes; NOT_FOUND for the file
 * @example await loadLevies({ database, audit, clock, path: 'levies.csv', actor, requestId });
 */
export async function loadLevies(options: LoadOptions): Promise<LoadResult<LeviesOutcome>> {
  return loadFile('levies', options, planLevies);
}

/** Levy lines do not name their file, so they are written before its row is. */
async function planLevies(job: LoadJob): Promise<PlannedLoad<LeviesOutcome>> {
  await LevyStage.create(job.tx);
  const stage = new LevyStage(job, await readHolidays(job.tx));
  const decoded = await decodeInto(job, stage);
  job.progress({ phase: 'matching', done: 0, total: decoded.dataCount });
  await judgeLevies(job);
  const groups = await readGroups(job);
  assertBalanced(job, decoded, groups);
  await createLevies(job);
  const adjusted = await adjustLevies(job);
  const overassessed = await releaseOverassessed(job);
  const outcome = outcomeOf(job, decoded, groups, { adjusted, overassessed, dueDatesShifted: stage.shifted });
  return { outcome, records: decoded.dataCount, post: () => Promise.resolve() };
}

interface Group {
  tax_item: string;
  action: 'create' | 'adjust' | 'unchanged';
  records: number;
  yen: bigint;
}

async function readGroups(job: LoadJob): Promise<Group[]> {
  return job.tx.run(
    'load.levyGroups',
    ({ raw }) => raw<Group[]>`
    select tax_item, action, count(*)::integer as records, sum(tax_amount)::bigint as yen
    from levy_plan where code is null group by tax_item, action order by tax_item, action`,
  );
}

/** Good records and set-aside ones are the whole file, to the yen. */
function assertBalanced(job: LoadJob, decoded: IdentifiedFile, groups: readonly Group[]): void {
  const good = sumYen(groups.map(({ yen }) => yen));
  const total = BigInt(decoded.trailer['total'] ?? 0);
  const aside = BigInt(job.bad.summary().yen);
  if (decoded.totalsCompared ? good + aside !== total : good + aside > total) {
    throw fileRejected([{ code: 'E_TOTAL', field: 'total' }]);
  }
}

function outcomeOf(
  job: LoadJob,
  decoded: IdentifiedFile,
  groups: readonly Group[],
  done: Pick<LeviesOutcome, 'adjusted' | 'overassessed' | 'dueDatesShifted'>,
): LeviesOutcome {
  const total = BigInt(decoded.trailer['total'] ?? 0);
  const good = sumYen(groups.map(({ yen }) => yen));
  const of = (action: Group['action']) => countAndYen(groups.filter((group) => group.action === action));
  const repeated = of('adjust').count - done.adjusted.count;
  const unchanged = of('unchanged');
  return {
    kind: 'levies',
    identity: decoded.identity,
    layout: { id: job.layout.descriptor.id, version: job.layout.descriptor.version },
    trailer: { count: Number(decoded.trailer['count'] ?? 0), yen: String(total) },
    setAside: { ...job.bad.summary(), yen: String(total - good) },
    created: of('create'),
    adjusted: done.adjusted,
    unchanged: { ...unchanged, count: unchanged.count + repeated },
    overassessed: done.overassessed,
    dueDatesShifted: done.dueDatesShifted,
    items: [...Map.groupBy(groups, ({ tax_item }) => tax_item)].map(([taxItem, rows]) => ({
      taxItem,
      ...countAndYen(rows),
    })),
  };
}

function countAndYen(groups: readonly Group[]): CountAndYen {
  return {
    count: groups.reduce((sum, { records }) => sum + records, 0),
    yen: String(sumYen(groups.map(({ yen }) => yen))),
  };
}
