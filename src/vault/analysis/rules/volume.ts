import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import { drawsOn, type LogFact } from '../fact.js';
import { byPersonAndDay, hitOf, type Facts, type FindHits } from '../rule.js';

/**
 * 件数の急増: a day on which a person saw or looked for more than so many times the median of the own days with use in
 * the days before it, and at least so many. Without a day of use before, the least number alone decides.
 */
export const volume: FindHits = ({ facts, period }, { volume: { baselineDays, multiple, subjectsMin } }) => {
  const days = byPersonAndDay(facts.filter((fact) => drawsOn(fact, 'reveal') || drawsOn(fact, 'lookup')));
  const counts = new Map<string, { readonly day: IsoDate; readonly count: number }[]>();
  return days.flatMap((each) => {
    const [{ personId = '', day }] = each;
    const before = counts.get(personId) ?? [];
    const count = sum(each);
    counts.set(personId, [...before, { day, count }]);
    const since = plainDate(day).subtract({ days: baselineDays }).toString();
    const baseline = before.flatMap((known) => (known.day >= since ? known.count : []));
    const threshold = Math.max(subjectsMin, Math.floor(multiple * medianOf(baseline)) + 1);
    const isHit = day >= period.from && day <= period.to && count >= threshold;
    return isHit ? [hitOf(each, { count, threshold })] : [];
  });
};

/** A search that found nobody counts as one. */
function sum(facts: Facts): number {
  return facts.reduce((all, { rows }: LogFact) => all + Math.max(1, rows), 0);
}

/** @returns 0 of none */
export function medianOf(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}
