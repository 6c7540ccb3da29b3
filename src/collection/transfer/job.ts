import type { AuditLog } from '../../audit/log.js';
import type { AuditKind, AuditRecord } from '../../audit/record.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database, Session } from '../../kernel/database/database.js';
import { isKuramoriError } from '../../kernel/errors.js';
import { missing } from '../receipt/lock.store.js';

/** Steps of a transfer that jobs run, each with the kind of its audit record. */
const STEPS = {
  round: 'configuration',
  candidates: 'mutation',
  notice: 'mutation',
  freeze: 'export',
  submit: 'export',
  status: 'query',
  acceptance: 'load',
  deltas: 'push',
  results: 'load',
  reconcile: 'mutation',
  close: 'erasure',
} as const satisfies Record<string, AuditKind>;

/** 移管の工程. */
export type TransferStep = keyof typeof STEPS;

/** Who runs a job: what the audit record says of the person (handbook 11 §4.1). */
export type JobActor = Pick<
  AuditRecord,
  'actorId' | 'roles' | 'department' | 'terminal' | 'sessionId' | 'strength' | 'clientApp' | 'purpose'
>;

/** How far a job is. */
export interface TransferProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** What every step works with. */
export interface TransferJob {
  /** As `kuramori_loader`. */
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'appendIn'>;
  readonly clock: Clock;
  readonly actor: JobActor;
  readonly requestId: string;
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** What a change did, for its record: rows and the people they are about. */
export interface Changed<T> {
  readonly outcome: T;
  readonly rows: number;
  /** Addressee numbers. */
  readonly subjects: readonly string[];
  /** A word of ours when there is more to say, e.g. `repeated`. */
  readonly reason?: string;
}

/**
 * One transaction of a step with its `change` row first and its audit record last: both are durable or neither is.
 * Jobs of one round go one after the other.
 */
export async function changeRound<T>(
  job: TransferJob,
  step: TransferStep,
  roundNo: string,
  work: (tx: Session, changeId: bigint) => Promise<Changed<T>>,
): Promise<T> {
  return job.database.transaction(`transfer.${step}`, async (tx) => {
    await prepareSession(tx, roundNo);
    const changeId = await insertChange(tx, job, step, roundNo);
    const { outcome, ...entry } = await work(tx, changeId);
    await job.audit.appendIn(tx, stepRecord(job, step, roundNo, { decision: 'allow', ...entry }));
    return outcome;
  });
}

/**
 * Runs a step, of a round that is not known yet under an empty number; its refusal stands in the audit log as its
 * success does: the code, never what was handed in.
 */
export async function recorded<T>(
  job: TransferJob,
  step: TransferStep,
  roundNo: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await auditRefused(job, step, roundNo, error);
    throw error;
  }
}

/** The record of a step that was refused, or of somebody who may not take it. */
export async function auditRefused(
  job: Omit<TransferJob, 'onProgress'>,
  step: TransferStep,
  roundNo: string,
  error: unknown,
): Promise<void> {
  const reason = isKuramoriError(error) ? error.code : 'INTERNAL';
  const record = stepRecord(job, step, roundNo, { decision: 'refuse', reason, rows: 0, subjects: [] });
  await job.database.transaction('transfer.audit', (tx) => job.audit.appendIn(tx, record));
}

function stepRecord(
  { clock, requestId, actor }: TransferJob,
  step: TransferStep,
  roundNo: string,
  entry: Omit<AuditRecord['entries'][number], 'coordinate'>,
): AuditRecord {
  const coordinate = `Transfer.${step}`;
  return {
    kind: STEPS[step],
    at: clock.now().toString(),
    requestId,
    ...actor,
    ...(roundNo === '' ? {} : { caseRef: roundNo }),
    operationName: coordinate,
    entries: [{ coordinate, ...entry }],
  };
}

/** A step runs as long as it needs. */
async function prepareSession(tx: Session, roundNo: string): Promise<void> {
  await tx.run(
    'transfer.session',
    ({ raw }) => raw`
    select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
      set_config('idle_in_transaction_session_timeout', '0', true)`,
  );
  await tx.run(
    'transfer.turn',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`transfer ${roundNo}`}, 0))`,
  );
}

async function insertChange(
  tx: Session,
  { actor, clock, requestId }: TransferJob,
  step: TransferStep,
  roundNo: string,
): Promise<bigint> {
  const [row] = await tx.run(
    'transfer.change',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.change (at, actor_id, purpose, case_ref, request_id, action)
    values (${clock.now().toString()}::timestamptz, ${actor.actorId}, ${actor.purpose}, ${roundNo},
      ${requestId}::uuid, ${`transfer.${step}`})
    returning id`,
  );
  return row?.id ?? missing('transfer.change');
}
