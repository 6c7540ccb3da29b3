import type { REVIEW_OUTCOMES } from '../../../schema/vault/analysis.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { RuleHit } from './analyse.js';
import type { AnalysisRun } from './run.js';

/** 結論: 問題なし, 要改善, 事案. */
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number];

/** 確認: who concluded what of a run, and when. */
export interface AnalysisReview {
  readonly outcome: ReviewOutcome;
  readonly conclusion: string;
  readonly reviewedBy: string;
  /** ISO instant. */
  readonly reviewedAt: string;
}

/** A run without its hits, with its review where there is one. */
export interface StoredRun extends Omit<AnalysisRun, 'hits'> {
  readonly no: bigint;
  readonly review: AnalysisReview | null;
}

/** Whether somebody of the register is in a unit. */
export async function hasUnit(session: Session, unit: string): Promise<boolean> {
  const rows = await session.run(
    'vault.analysis.unit',
    ({ raw }) => raw`select from vault.person where unit = ${unit} limit 1`,
  );
  return rows.length > 0;
}

/** Writes a run with its hits. */
export async function insertRun(tx: Session, { hits, ...run }: AnalysisRun): Promise<void> {
  const [row] = await tx.run(
    'vault.analysis.insertRun',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into vault.analysis_run (run_id, kind, unit, period_from, period_to, threshold_version, rules, people,
      digest, log_until, made_by, made_at, review_by)
    values (${run.runId}, ${run.kind}, ${run.unit}, ${run.from}::date, ${run.to}::date,
      ${String(run.thresholdVersion)}::bigint, ${JSON.stringify(run.rules)}::text::jsonb, ${[...run.people]}::text[],
      ${run.digest}, ${String(run.logUntil)}::bigint, ${run.madeBy}, ${run.madeAt}::timestamptz, ${run.reviewBy}::date)
    returning id`,
  );
  const lines = hits.map((hit, at) => ({ ...hit, place: at + 1, sequences: hit.sequences.map(String) }));
  await tx.run(
    'vault.analysis.insertHits',
    ({ raw }) => raw`
    insert into vault.analysis_hit (run_no, place, rule, day, people, units, about, sequences, count, threshold)
    select ${String(row.id)}::bigint, h.place, h.rule, h.day, h.people, h.units, h.about, h.sequences, h.count,
      h.threshold
    from jsonb_to_recordset(${JSON.stringify(lines)}::text::jsonb) as h (place integer, rule text, day date,
      people text[], units text[], about text[], sequences bigint[], count integer, threshold integer)`,
  );
}

interface RunRow extends Omit<StoredRun, 'review' | 'madeAt'> {
  readonly madeAt: string;
  readonly outcome: ReviewOutcome | null;
  readonly conclusion: string;
  readonly reviewedBy: string;
  readonly reviewedAt: string;
}

/** Which runs. */
export interface RunQuery {
  readonly runId?: string;
  /** Those alone that nobody has reviewed, the oldest first. */
  readonly unreviewed?: true;
  /** Those alone that were to be reviewed before this day. */
  readonly dueBefore?: IsoDate;
  /** Of this unit alone. */
  readonly unit?: string;
  /** Those of the whole vault alone, or those of units. */
  readonly isWhole?: boolean;
  readonly limit: number;
}

/** The newest runs first; of those that wait for a review the oldest, so that none is hidden behind others. */
export async function readRuns(
  session: Session,
  { runId, unreviewed, dueBefore, unit, isWhole, limit }: RunQuery,
): Promise<readonly StoredRun[]> {
  const rows = await session.run(
    'vault.analysis.runs',
    ({ raw }) => raw<RunRow[]>`
    select r.id as no, r.run_id as "runId", r.kind, r.unit, r.period_from::text as "from", r.period_to::text as "to",
      r.threshold_version as "thresholdVersion", r.rules, r.people, r.digest, r.log_until as "logUntil",
      r.made_by as "madeBy", r.made_at as "madeAt", r.review_by::text as "reviewBy", v.outcome, v.conclusion,
      v.reviewed_by as "reviewedBy", v.reviewed_at as "reviewedAt"
    from vault.analysis_run r left join vault.analysis_review v on v.run_no = r.id
    where (${runId ?? null}::text is null or r.run_id = ${runId ?? null})
      and (${unreviewed ?? null}::boolean is null or v.run_no is null)
      and (${dueBefore ?? null}::date is null or r.review_by < ${dueBefore ?? null}::date)
      and (${unit ?? null}::text is null or r.unit = ${unit ?? null})
      and (${isWhole ?? null}::boolean is null or (r.unit is null) = ${isWhole ?? null}::boolean)
    order by case when ${unreviewed ?? null}::boolean then r.id else -r.id end limit ${limit}`,
  );
  return rows.map(({ outcome, conclusion, reviewedBy, reviewedAt, madeAt, ...run }) => ({
    ...run,
    madeAt: iso(madeAt),
    review: outcome && { outcome, conclusion, reviewedBy, reviewedAt: iso(reviewedAt) },
  }));
}

/** The hits of a run, in their order. */
export async function readHits(session: Session, runNo: bigint): Promise<readonly RuleHit[]> {
  return session.run(
    'vault.analysis.hits',
    ({ raw }) => raw<RuleHit[]>`
    select rule, day::text as day, people, units, about, sequences, count, threshold
    from vault.analysis_hit where run_no = ${String(runNo)}::bigint order by place`,
  );
}

/** Writes a review. @param assertion as the terminal signed it @returns false when there is one already */
export async function insertReview(
  tx: Session,
  runNo: bigint,
  review: AnalysisReview,
  assertion: string,
): Promise<boolean> {
  const rows = await tx.run(
    'vault.analysis.review',
    ({ raw }) => raw`
    insert into vault.analysis_review (run_no, outcome, conclusion, reviewed_by, reviewed_at, assertion)
    values (${String(runNo)}::bigint, ${review.outcome}, ${review.conclusion}, ${review.reviewedBy},
      ${review.reviewedAt}::timestamptz, ${assertion})
    on conflict (run_no) do nothing returning run_no`,
  );
  return rows.length > 0;
}

/** Whether a period was analysed, for a unit or for the whole vault. */
export async function hasRun(
  session: Session,
  { kind, unit, from }: Pick<AnalysisRun, 'kind' | 'unit'> & { readonly from: IsoDate },
): Promise<boolean> {
  const rows = await session.run(
    'vault.analysis.hasRun',
    ({ raw }) => raw`
    select from vault.analysis_run
    where kind = ${kind} and period_from = ${from}::date and unit is not distinct from ${unit} limit 1`,
  );
  return rows.length > 0;
}

/** As statements give instants, in the form that instants are read in. */
function iso(at: string): string {
  return new Date(at).toISOString();
}
