import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { compileLayout } from '../layout/compile.js';
import { chooseLayout, type LoadKind } from '../layouts/registry.js';
import { auditRefused, auditRepeated, loadRecord, type LoadedKind } from './audit.js';
import { bookingDay } from './bookingDay.js';
import { openSourceFile, type SourceFile } from './file.js';
import type { LoadJob, LoadOptions } from './job.js';
import type { LoadOutcome, LoadResult } from './outcome.js';
import { BadRecords } from './setAside.js';

/** What a load writes once its outcome is known. */
export interface PlannedLoad<Outcome extends LoadOutcome> {
  readonly outcome: Outcome;
  /** Data records of the file. */
  readonly records: number;
  /** Writes everything that belongs to the file. */
  post(fileId: bigint): Promise<void>;
}

/**
 * The frame of every load: one file, one transaction, at most once.
 * The same bytes answer the outcome of the first time and change nothing; whatever fails leaves nothing behind.
 * Whatever comes of it stands in the audit log, also a refusal and a repetition.
 * @param plan reads and checks the file into temporary tables and tells what is to be written
 */
export async function loadFile<Outcome extends LoadOutcome>(
  kind: LoadKind,
  options: LoadOptions,
  plan: (job: LoadJob) => Promise<PlannedLoad<Outcome>>,
): Promise<LoadResult<Outcome>> {
  try {
    const result = await loadOnce(kind, options, plan);
    if (result.repeated) await auditRepeated(kind, options, options.database);
    return result;
  } catch (error) {
    await auditRefused(kind, options, options.database, error);
    throw error;
  }
}

async function loadOnce<Outcome extends LoadOutcome>(
  kind: LoadKind,
  options: LoadOptions,
  plan: (job: LoadJob) => Promise<PlannedLoad<Outcome>>,
): Promise<LoadResult<Outcome>> {
  const file = await openSourceFile(options.path);
  try {
    const bookedOn = bookingDay(options.bookedOn, today(options.clock));
    const earlier = await findLoaded<Outcome>(options.database, kind, file.sha256);
    if (earlier !== undefined) return earlier;
    return await options.database.transaction(`load.${kind}`, async (tx) => {
      await prepareSession(tx, file.sha256);
      const meanwhile = await findLoaded<Outcome>(tx, kind, file.sha256);
      if (meanwhile !== undefined) return meanwhile;
      const job = await startJob(kind, { ...options, bookedOn }, tx, file);
      const planned = await plan(job);
      const fileId = await insertLoadedFile(job, planned.outcome);
      await planned.post(fileId);
      await job.bad.store(tx, file, fileId);
      // Last, because it takes the log's one lock.
      await options.audit.appendIn(
        tx,
        loadRecord(kind, options, { decision: 'allow', rows: planned.records }),
      );
      return { sha256: file.sha256, fileId, repeated: false, outcome: planned.outcome };
    });
  } finally {
    await file.close();
  }
}

async function findLoaded<Outcome extends LoadOutcome>(
  session: Session,
  kind: LoadKind,
  sha256: string,
): Promise<LoadResult<Outcome> | undefined> {
  const [row] = await session.run(
    'load.earlier',
    ({ raw }) => raw<{ id: bigint; kind: string; outcome: Outcome }[]>`
    select id, kind, outcome from records.loaded_file where sha256 = ${sha256}`,
  );
  if (row === undefined) return undefined;
  if (row.kind !== kind) {
    throw new KuramoriError(
      'CONFLICT',
      'The file was loaded before as a file of another kind. Nothing was changed.',
    );
  }
  return { sha256, fileId: row.id, repeated: true, outcome: row.outcome };
}

/** Loads run as long as they need; two loads of the same bytes go one after the other. */
export async function prepareSession(tx: Session, sha256: string): Promise<void> {
  await tx.run(
    'load.session',
    ({ raw }) => raw`
    select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
      set_config('idle_in_transaction_session_timeout', '0', true), set_config('work_mem', '128MB', true)`,
  );
  await tx.run('load.once', ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${sha256}, 0))`);
}

async function startJob(
  kind: LoadKind,
  options: LoadOptions & { readonly bookedOn: IsoDate },
  tx: Session,
  file: SourceFile,
): Promise<LoadJob> {
  const day = today(options.clock);
  const source = chooseLayout(kind, file.head, day);
  const taxItems = await readTaxItems(tx);
  return {
    tx,
    file,
    layout: compileLayout(source, { taxItem: taxItems }),
    changeId: await insertChange(kind, options, tx),
    today: day,
    bookedOn: options.bookedOn,
    municipalityCode: await readMunicipality(tx),
    taxItems,
    bad: new BadRecords(options.onBadLine ?? 'reject'),
    progress: options.onProgress ?? (() => undefined),
  };
}

/** Our own codes stand in our reference layouts; a bank with codes of its own brings a list in its descriptor. */
async function readTaxItems(tx: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.run(
    'load.taxItems',
    ({ raw }) => raw<{ code: string }[]>`select code from records.tax_item`,
  );
  return new Map(rows.map(({ code }) => [code, code]));
}

async function readMunicipality(tx: Session): Promise<string> {
  const [row] = await tx.run(
    'load.municipality',
    ({ raw }) => raw<{ code: string }[]>`select code from records.municipality`,
  );
  if (row === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The records database does not say whose it is. Register the municipality first.',
    );
  }
  return row.code;
}

/** Writes the change record that the rows of a load name. @returns its id */
export async function insertChange(kind: LoadedKind, options: LoadOptions, tx: Session): Promise<bigint> {
  const { actorId, purpose } = options.actor;
  const [row] = await tx.run(
    'load.change',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.change (at, actor_id, purpose, request_id, action)
    values (${options.clock.now().toString()}::timestamptz, ${actorId}, ${purpose}, ${options.requestId}::uuid,
      ${`load.${kind}`})
    returning id`,
  );
  return written(row).id;
}

async function insertLoadedFile(job: LoadJob, outcome: LoadOutcome): Promise<bigint> {
  const { id, version } = job.layout.descriptor;
  const [row] = await job.tx.run(
    'load.file',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.loaded_file (sha256, kind, layout_id, layout_version, byte_count, outcome, change_id)
    values (${job.file.sha256}, ${outcome.kind}, ${id}, ${version}, ${job.file.byteCount},
      ${JSON.stringify(outcome)}::text::jsonb,
      ${String(job.changeId)}::bigint)
    returning id`,
  );
  return written(row).id;
}

function written<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new KuramoriError('INTERNAL', 'An inserted row was not answered.');
  return row;
}
