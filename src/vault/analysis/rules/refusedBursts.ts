import type { IsoDate } from '../../../kernel/dates.js';
import type { LogFact } from '../fact.js';
import { grouped, hitOf, inPeriod, type Facts, type FindHits, type Hit } from '../rule.js';

const MINUTE_MS = 60_000;

interface Burst {
  readonly facts: Facts;
  readonly count: number;
}

/**
 * 拒否の集中: so many refusals within so many minutes, of one person, or of nobody known by one service or address. Of
 * those that end on one day the greatest is the hit.
 */
export const refusedBursts: FindHits = (material, { refusedBursts: { minutes, refusals, unknown } }) => {
  const refused = inPeriod(material).filter(({ outcome }) => outcome === 'refused');
  const actors = grouped(refused, ({ personId, source }) => personId ?? `? ${source}`);
  return actors.flatMap((facts) => {
    const [{ personId, source }] = facts;
    const about = personId === undefined ? { about: [`source:${source}`] } : {};
    const threshold = personId === undefined ? unknown : refusals;
    return [...greatestByDay(facts, minutes * MINUTE_MS)].flatMap(([day, burst]): readonly Hit[] =>
      burst.count >= threshold
        ? [{ ...hitOf(burst.facts, { count: burst.count, threshold, ...about }), day }]
        : [],
    );
  });
};

/** The greatest burst that ends on each day; a window goes over midnight. */
function greatestByDay(facts: Facts, windowMs: number): ReadonlyMap<IsoDate, Burst> {
  const greatest = new Map<IsoDate, Burst>();
  let [start, count] = [0, 0];
  for (const [at, fact] of facts.entries()) {
    count += weightOf(fact);
    for (; (facts[start] as LogFact).ms <= fact.ms - windowMs; start += 1)
      count -= weightOf(facts[start] as LogFact);
    if (count > (greatest.get(fact.day)?.count ?? 0))
      greatest.set(fact.day, { facts: facts.slice(start, at + 1) as unknown as Facts, count });
  }
  return greatest;
}

/** Refusals at the door may be counted together in one entry. */
function weightOf({ rows }: LogFact): number {
  return Math.max(1, rows);
}
