import { z } from 'zod';
import { REVIEW_OUTCOMES } from '../../../schema/vault/analysis.js';
import { instantText, today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { ANALYSIS_LISTED_MAX } from '../../kernel/limits.js';
import { lockApprover } from '../approval/approver.js';
import { integrityFailure } from '../cipher/integrity.js';
import { entryText } from '../evidence/entering.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { refusalToOfficer } from '../refusal.js';
import { unitOn, type Person } from '../staff/person.js';
import { plainRun, runDigest, type AnalysisRun } from './run.js';
import { insertReview, readHits, readRuns, type StoredRun } from './run.store.js';

const runId = z.string().regex(/^LA-[0-9a-f-]{36}$/);
const openForm = z.strictObject({ runId: runId.optional() });
const reviewForm = z.strictObject({
  runId,
  /** Of what was shown: who reviews signs for this run and its hits and no other. */
  digest: z.string(),
  outcome: z.enum(REVIEW_OUTCOMES),
  conclusion: z.string(),
});

/**
 * 分析結果の閲覧: shows an officer a run with its hits, or without a run which ones wait for this person. Answers `{waiting}`,
 * each without its hits, or `{run}` with them.
 * @throws KuramoriError NOT_FOUND; INTEGRITY_FAILURE; FORBIDDEN_PURPOSE with the rule for whoever is not to review it
 */
export async function openAnalysis({ context, actor, body }: EffectCall): Promise<Effect> {
  const { database, clock } = context;
  const { runId: asked } = readBody(openForm, body);
  const day = today(clock);
  if (asked === undefined) {
    const waiting = await waitingFor(database, actor.person, day);
    return { rows: waiting.length, subjects: [], reason: 'listed', result: { waiting: waiting.map(told) } };
  }
  const { hits, ...run } = await requireRun(database, asked);
  assertMayReview(run, actor.person, day);
  const shown = { ...told(run), ...plainRun({ hits }) };
  return { rows: hits.length, subjects: [], reason: `opened:${asked}`, result: { run: shown } };
}

/**
 * 分析結果の確認: what an officer concludes of a run. The assertion binds run, digest, outcome and conclusion, and is kept
 * with them. Answers `{runId, outcome}`.
 * @throws KuramoriError BAD_INPUT for a conclusion that may hold a number; NOT_FOUND; CONFLICT when the run is not the
 *   one that was shown, or is reviewed already; FORBIDDEN_PURPOSE with the rule
 */
export function reviewAnalysis({ context, token, actor, body, trail }: EffectCall): Promise<Effect> {
  const { digest, outcome, ...asked } = readBody(reviewForm, body);
  const conclusion = entryText(asked.conclusion, 'conclusion');
  const { database, clock } = context;
  return database.transaction('vault.analysis.review', async (tx) => {
    const person = await lockApprover(tx, actor.person.personId);
    const run = await requireRun(tx, asked.runId);
    assertMayReview(run, person, today(clock));
    if (run.digest !== digest) throw conflict('The run is not the one that was shown. Open it again.');
    const review = {
      outcome,
      conclusion,
      reviewedBy: person.personId,
      reviewedAt: instantText(clock),
    };
    if (!(await insertReview(tx, run.no, review, token)))
      throw conflict('The run was reviewed already. Make another one where something is to be added.');
    const completed = { rows: 0, subjects: [], reason: `reviewed:${outcome}:${run.runId}` };
    const result = { runId: run.runId, outcome };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}

/**
 * Who reviews: of a unit its officer, or the chief; of the whole vault the audit officer; nobody who is named in a hit.
 * @returns the rule that stands against it, or nothing. Pure.
 */
export function obstacleOf(
  { unit, people }: Pick<StoredRun, 'unit' | 'people'>,
  person: Person,
  day: IsoDate,
): 'role' | 'analysis-own' | undefined {
  const isOfficer =
    unit === null
      ? person.role === 'auditOfficer'
      : person.role === 'chiefOfficer' || (person.role === 'unitOfficer' && unitOn(person, day) === unit);
  if (!isOfficer) return 'role';
  return people.includes(person.personId) ? 'analysis-own' : undefined;
}

/** Runs that a person may review and nobody has, the oldest first. */
async function waitingFor(session: Session, person: Person, day: IsoDate): Promise<readonly StoredRun[]> {
  const unit = person.role === 'unitOfficer' ? unitOn(person, day) : undefined;
  const unreviewed = await readRuns(session, {
    unreviewed: true,
    isWhole: person.role === 'auditOfficer',
    ...(unit === undefined ? {} : { unit }),
    limit: ANALYSIS_LISTED_MAX,
  });
  return unreviewed.filter((run) => obstacleOf(run, person, day) === undefined);
}

function assertMayReview(run: StoredRun, person: Person, day: IsoDate): void {
  const obstacle = obstacleOf(run, person, day);
  if (obstacle !== undefined) throw refusalToOfficer(obstacle);
}

/**
 * A run with its hits, as it was made.
 * @throws KuramoriError NOT_FOUND; INTEGRITY_FAILURE when it is not what its digest says: nobody signs for that
 */
async function requireRun(session: Session, asked: string): Promise<StoredRun & Pick<AnalysisRun, 'hits'>> {
  const [run] = await readRuns(session, { runId: asked, limit: 1 });
  if (run === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such analysis. Look its number up in the list.');
  const hits = await readHits(session, run.no);
  const { no: _, review: __, digest, ...made } = run;
  if (runDigest({ ...made, hits }) !== digest) throw integrityFailure();
  return { ...run, hits };
}

/** As JSON has it, without its number in the database. */
export function told({ no: _, ...run }: StoredRun): object {
  return plainRun(run);
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}
