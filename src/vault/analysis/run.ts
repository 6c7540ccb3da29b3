import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ANALYSIS_KINDS } from '../../../schema/vault/analysis.js';
import { lastSequence } from '../../audit/evidence/log.js';
import { instantsOf, type EvidencePeriod } from '../../audit/evidence/period.js';
import { canonicalText } from '../../kernel/canonical.js';
import { instantText, today, type Clock } from '../../kernel/clock.js';
import { plainDate, Temporal, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { ANALYSIS_DAYS_MAX, ANALYSIS_REVIEW_DAYS_MAX, ANALYSIS_TEXT_BYTES_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import type { OperatorLog } from '../operatorLog.js';
import { analyse, type RuleHit, type RuleResult } from './analyse.js';
import { readMaterial, type MaterialSource } from './material.js';
import { hasUnit, insertRun } from './run.store.js';
import type { Thresholds } from './thresholds.js';
import { thresholdsOn } from './thresholds.store.js';

export type AnalysisKind = (typeof ANALYSIS_KINDS)[number];

/** ログの分析: one run with what it found. */
export interface AnalysisRun extends EvidencePeriod {
  /** `LA-…` */
  readonly runId: string;
  readonly kind: AnalysisKind;
  /** The unit that was looked at; null for the whole vault. */
  readonly unit: string | null;
  /** Version of the thresholds. */
  readonly thresholdVersion: bigint;
  readonly rules: readonly RuleResult[];
  /** Everybody who is named in a hit. */
  readonly people: readonly string[];
  readonly hits: readonly RuleHit[];
  /** `sha256:…` over the canonical text of all the rest. */
  readonly digest: string;
  /** Newest entry (通番) of the log before it was read. */
  readonly logUntil: bigint;
  /** `operator:…` */
  readonly madeBy: string;
  /** ISO instant. */
  readonly madeAt: string;
  readonly reviewBy: IsoDate;
}

const unit = z.string().min(1).max(64);

/** Which run: of a unit's month, of the vault's quarter, or of any days. */
export const analysisForm = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('monthly'), unit, month: z.string().regex(/^\d{4}-\d{2}$/) }),
  z.strictObject({ kind: z.literal('quarterly'), month: z.string().regex(/^\d{4}-(01|04|07|10)$/) }),
  z.strictObject({
    kind: z.literal('occasional'),
    unit: unit.optional(),
    from: z.iso.date(),
    to: z.iso.date(),
  }),
]);
export type AnalysisAsked = z.output<typeof analysisForm>;

const MONTHS = { monthly: 1, quarterly: 3 } as const;

/**
 * 分析の実施 (handbook 11 §5; SM-07): applies the rules by the thresholds that held on the period's last day, and keeps
 * the run with its hits. Its entry commits with it.
 * @param log of the command; the reading is in it before it begins
 * @throws KuramoriError BAD_INPUT; CONFLICT while the period, and the hours in which something may follow, are not
 *   over; NOT_FOUND for a unit without people; PAYLOAD_TOO_LARGE, TIMEOUT as `readMaterial`
 */
export async function makeAnalysis(
  context: Pick<VaultContext, 'database' | 'clock'> & Pick<MaterialSource, 'factsMax'>,
  asked: AnalysisAsked,
  { log, operator }: { readonly log: OperatorLog; readonly operator: string },
): Promise<AnalysisRun> {
  const { database, clock } = context;
  const period = periodOf(asked);
  const looked = asked.kind === 'quarterly' ? undefined : asked.unit;
  const { version, thresholds } = await thresholdsOn(database, period.to);
  assertOver(period, thresholds, clock);
  if (looked !== undefined && !(await hasUnit(database, looked)))
    throw new KuramoriError('NOT_FOUND', 'Nobody of the register is in this unit. Check its name.');
  await log.alone(`asked:${asked.kind}:${period.from}:${period.to}`);
  const logUntil = await lastSequence(database);
  const found = await analyse(await readMaterial(context, period, thresholds), thresholds, looked);
  const made = {
    runId: `LA-${randomUUID()}`,
    kind: asked.kind,
    unit: looked ?? null,
    ...period,
    thresholdVersion: version,
    ...found,
    logUntil,
    madeBy: `operator:${operator}`,
    madeAt: instantText(clock),
    reviewBy: plainDate(today(clock)).add({ days: ANALYSIS_REVIEW_DAYS_MAX }).toString(),
  };
  const run = { ...made, digest: runDigest(made) };
  await database.transaction('vault.analysis.run', async (tx) => {
    await insertRun(tx, run);
    await log.with(tx, `made:${run.runId}:${run.digest}`);
  });
  return run;
}

/** The days of a run. @throws KuramoriError BAD_INPUT */
export function periodOf(asked: AnalysisAsked): EvidencePeriod {
  if (asked.kind !== 'occasional') {
    const first = plainDate(`${asked.month}-01`);
    const last = first.add({ months: MONTHS[asked.kind] }).subtract({ days: 1 });
    return { from: first.toString(), to: last.toString() };
  }
  const { from, to } = asked;
  const days = plainDate(from).until(plainDate(to), { largestUnit: 'days' }).days + 1;
  if (days >= 1 && days <= ANALYSIS_DAYS_MAX) return { from, to };
  throw new KuramoriError('BAD_INPUT', `An occasional run is over 1 to ${ANALYSIS_DAYS_MAX} days.`, {
    field: 'to',
  });
}

function assertOver(period: EvidencePeriod, { withoutAction }: Thresholds, clock: Clock): void {
  const over = Temporal.Instant.from(instantsOf(period).to).add({ hours: withoutAction.hours });
  if (Temporal.Instant.compare(clock.now(), over) >= 0) return;
  throw new KuramoriError(
    'CONFLICT',
    `The period and the ${withoutAction.hours} hours after it, in which something may follow, are not over yet.`,
  );
}

/** Binds everything that a run says. @returns `sha256:…` over its canonical text */
export function runDigest(run: Omit<AnalysisRun, 'digest'>): string {
  const text = canonicalText(plainRun(run), {
    bytesMax: ANALYSIS_TEXT_BYTES_MAX,
    refuse: () => {
      throw new KuramoriError('PAYLOAD_TOO_LARGE', 'The run is over its limit. Ask for a shorter period.');
    },
  });
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/** A run as JSON has it: numbers of entries and of versions are decimal texts. */
export function plainRun(run: Partial<AnalysisRun>): object {
  return JSON.parse(
    JSON.stringify(run, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as object;
}
