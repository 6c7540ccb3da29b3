import { drawsOn, isAction, type LogFact } from '../fact.js';
import { byPersonAndDay, hitOf, inPeriod, type FindHits } from '../rule.js';

const HOUR_MS = 3_600_000;

/**
 * 処理のない閲覧: numbers that were shown for a case in which the vault was asked for nothing else within so many hours
 * after it. What is compared is the case of the assertions in the vault's log: an operation that acts, of the same
 * case, by whomever. What is done in the case elsewhere, the vault does not know. By person and day.
 */
export const withoutAction: FindHits = (material, { withoutAction: { hours } }) => {
  const acted = Map.groupBy(material.facts.filter(isAction), ({ caseRef }) => caseRef);
  const isFollowed = ({ caseRef, sequence, ms }: LogFact) =>
    (acted.get(caseRef) ?? []).some(
      (action) => action.sequence > sequence && action.ms <= ms + hours * HOUR_MS,
    );
  const facts = inPeriod(material).filter((fact) => drawsOn(fact, 'reveal') && !isFollowed(fact));
  return byPersonAndDay(facts).map((each) => hitOf(each, { count: each.length, threshold: 1 }));
};
