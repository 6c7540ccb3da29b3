import { today } from '../../kernel/clock.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { ANALYSIS_LISTED_MAX, ANALYSIS_MADE_DAYS_MAX } from '../../kernel/limits.js';
import type { EvidencePeriod } from '../../audit/evidence/period.js';
import type { DailyAlarm } from '../alarm.js';
import type { VaultContext } from '../context.js';
import type { Grant } from '../grant/grant.js';
import { allGrants } from '../grant/grant.store.js';
import type { Person } from '../staff/person.js';
import { allPeople } from '../staff/staff.store.js';
import { periodOf } from './run.js';
import { hasRun, readRuns } from './run.store.js';

/** A run that ought to be there. */
interface AnalysisExpected extends EvidencePeriod {
  readonly kind: 'monthly' | 'quarterly';
  readonly unit: string | null;
}

/**
 * 分析・確認の遅れ: runs that nobody has reviewed by their day, and the last month of a unit and the last quarter that
 * ended more than ANALYSIS_MADE_DAYS_MAX days ago without a run. Where nobody could use a number, none is asked for.
 */
export async function analysisAlarms({
  database,
  clock,
}: Pick<VaultContext, 'database' | 'clock'>): Promise<readonly DailyAlarm[]> {
  const day = today(clock);
  const late = { unreviewed: true, dueBefore: day, limit: ANALYSIS_LISTED_MAX } as const;
  const overdue = (await readRuns(database, late)).map(({ runId, reviewBy }) => ({
    what: 'analysisUnreviewed',
    subject: `${runId}:by:${reviewBy}`,
  }));
  const missing: DailyAlarm[] = [];
  for (const expected of analysesExpected(day, await allGrants(database), await allPeople(database))) {
    if (await hasRun(database, expected)) continue;
    const { kind, unit, from } = expected;
    missing.push({ what: 'analysisMissing', subject: [kind, unit ?? 'all', from].join(':') });
  }
  return [...overdue, ...missing];
}

/** The runs whose time to be made is over on a day. Pure. */
export function analysesExpected(
  day: IsoDate,
  grants: readonly Grant[],
  people: readonly Person[],
): readonly AnalysisExpected[] {
  const [month, quarter] = lastPeriods(day);
  const unitsIn = (period: EvidencePeriod) => {
    const holders = new Set(grants.filter((grant) => stood(grant, period)).map(({ personId }) => personId));
    return new Set(people.filter(({ personId }) => holders.has(personId)).map(({ unit }) => unit));
  };
  const monthly = [...unitsIn(month)].toSorted();
  return [
    ...monthly.map((unit) => ({ kind: 'monthly' as const, unit, ...month })),
    ...(unitsIn(quarter).size > 0 ? [{ kind: 'quarterly' as const, unit: null, ...quarter }] : []),
  ];
}

/** The last month and the last quarter that ended more than ANALYSIS_MADE_DAYS_MAX days before. */
function lastPeriods(day: IsoDate): readonly [EvidencePeriod, EvidencePeriod] {
  const ended = plainDate(day).subtract({ days: ANALYSIS_MADE_DAYS_MAX + 1 });
  const month = ended.day === ended.daysInMonth ? ended : ended.with({ day: 1 }).subtract({ days: 1 });
  const quarterEnd = month.subtract({ months: month.month % 3 });
  const named = (first: { toString(): string }) => first.toString().slice(0, 7);
  return [
    periodOf({ kind: 'monthly', unit: '', month: named(month) }),
    periodOf({ kind: 'quarterly', month: named(quarterEnd.subtract({ months: 2 })) }),
  ];
}

/** Whether a grant could be used on some day of a period, as far as the register still knows. */
function stood({ approvedBy, validFrom, validTo }: Grant, { from, to }: EvidencePeriod): boolean {
  return approvedBy !== undefined && validFrom <= to && validTo >= from;
}
