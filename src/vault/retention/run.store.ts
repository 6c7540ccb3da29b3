import type { Session } from '../../kernel/database/database.js';
import { Temporal, type IsoDate } from '../../kernel/dates.js';
import { RETENTION_LISTS_KEPT } from '../../kernel/limits.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { CandidateCursor, ErasureCandidate } from './candidates.js';
import type { RetentionRule } from './rule.js';

/** Who makes the nightly list. */
export const SCHEDULE = 'schedule';

/** 消去候補の抽出: one making of the list of candidates, without the list. */
export interface RetentionRun {
  readonly id: bigint;
  /** The day in Japan for which it looked. */
  readonly day: IsoDate;
  /** First day of the period; none in the first run. */
  readonly periodFrom: IsoDate | null;
  /** SCHEDULE, or `operator:…`. */
  readonly startedBy: string;
  /** Instant in UTC. */
  readonly startedAt: string;
  /** The rules in force on that day. */
  readonly rules: readonly Pick<RetentionRule, 'class' | 'validFrom' | 'years'>[];
  readonly candidates: number;
  /** Candidates that became erasable in the period. */
  readonly newlyDue: number;
  /** False when there were more than one list holds. */
  readonly isWhole: boolean;
  /** SHA-256 of the sorted references, as in a certificate of erasure. */
  readonly refsDigest: string;
  /** Number (通番) of the intent's entry. */
  readonly intentEntry: bigint;
}

/** The newest runs first. */
export async function readRuns(session: Session, limit: number): Promise<readonly RetentionRun[]> {
  const rows = await session.run(
    'vault.retention.runs',
    ({ raw }) => raw<RetentionRun[]>`
    select id, day, period_from as "periodFrom", started_by as "startedBy", started_at as "startedAt", rules,
      candidates, newly_due as "newlyDue", is_whole as "isWhole", refs_digest as "refsDigest",
      intent_entry as "intentEntry"
    from vault.retention_run order by id desc limit ${limit}`,
  );
  return rows.map((row) => ({ ...row, startedAt: Temporal.Instant.from(row.startedAt).toString() }));
}

/** Whether the schedule has made the list of a day. */
export async function hasNightlyRun(session: Session, day: IsoDate): Promise<boolean> {
  const rows = await session.run(
    'vault.retention.nightly',
    ({ raw }) => raw`
    select from vault.retention_run where started_by = ${SCHEDULE} and day = ${day}`,
  );
  return rows.length > 0;
}

/**
 * Writes a run.
 * @returns its number, or none when another process has made the nightly list of that day
 */
export async function insertRun(tx: Session, run: Omit<RetentionRun, 'id'>): Promise<bigint | undefined> {
  const [row] = await tx.run(
    'vault.retention.insertRun',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into vault.retention_run (day, period_from, started_by, started_at, rules, candidates, newly_due,
      is_whole, refs_digest, intent_entry)
    values (${run.day}, ${run.periodFrom}, ${run.startedBy}, ${run.startedAt}, ${JSON.stringify(run.rules)}::jsonb,
      ${run.candidates}, ${run.newlyDue}, ${run.isWhole}, ${run.refsDigest}, ${String(run.intentEntry)}::bigint)
    on conflict (day) where started_by = 'schedule' do nothing returning id`,
  );
  return row?.id;
}

/** Writes a part of a run's list. */
export async function insertCandidates(
  tx: Session,
  runId: bigint,
  candidates: readonly ErasureCandidate[],
): Promise<void> {
  await tx.run(
    'vault.retention.insertCandidates',
    ({ raw }) => raw`
    insert into vault.retention_candidate (run_id, vault_ref, erasable_from, retention_class, purpose)
    select ${String(runId)}::bigint, c.ref, c."erasableFrom", c."retentionClass", c.purpose
    from jsonb_to_recordset(${JSON.stringify(candidates)}::jsonb)
      as c (ref text, "erasableFrom" date, "retentionClass" text, purpose text)`,
  );
}

/** Clears away the lists of all runs but the newest RETENTION_LISTS_KEPT. */
export async function clearLists(tx: Session): Promise<void> {
  await tx.run(
    'vault.retention.clear',
    ({ raw }) => raw`
    delete from vault.retention_candidate where run_id < (
      select min(id) from (
        select id from vault.retention_run order by id desc limit ${RETENTION_LISTS_KEPT}) as newest)`,
  );
}

/** Which part of a list is read. */
export interface ListQuery {
  readonly runId: bigint;
  /** Candidates of the task of this purpose, and of those whose purpose is not known. */
  readonly purpose: string;
  readonly after: CandidateCursor | undefined;
  readonly limit: number;
}

/** Of a run's list what may still be erased: not erased, held, or needed again since. Longest due first. */
export async function readList(
  session: Session,
  { runId, purpose, after, limit }: ListQuery,
): Promise<readonly ErasureCandidate[]> {
  return session.run(
    'vault.retention.list',
    ({ raw }) => raw<(ErasureCandidate & { readonly ref: VaultRef })[]>`
    select c.vault_ref as ref, c.erasable_from as "erasableFrom", c.retention_class as "retentionClass", c.purpose
    from vault.retention_candidate c join vault.number n on n.vault_ref = c.vault_ref
    where c.run_id = ${String(runId)}::bigint and (c.purpose = ${purpose} or c.purpose is null)
      and n.state <> 'erased' and n.retention_ends_on <= c.erasable_from
      and (${after?.erasableFrom ?? null}::date is null
        or (c.erasable_from, c.vault_ref) > (${after?.erasableFrom ?? null}::date, ${after?.ref ?? ''}))
      and not exists (select from vault.hold h where h.vault_ref = c.vault_ref and h.released_at is null)
      and not exists (select from vault.erasure e where e.vault_ref = c.vault_ref)
    order by c.erasable_from, c.vault_ref limit ${limit}`,
  );
}
