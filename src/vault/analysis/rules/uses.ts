import { isClosedDay } from '../../../kernel/closedDays.js';
import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import { isAttempt, isUse, type LogFact } from '../fact.js';
import { byPersonAndDay, distinct, grouped, hitOf, inPeriod, type FindHits } from '../rule.js';
import { isWatchedUse } from '../watchList.js';

/** 業務時間外: numbers that were used, or tried to be, outside the hours or on a closed day; by person and day. */
export const outOfHours: FindHits = (material, { outOfHours: { from, to } }) => {
  const [begins, ends] = [minutesOf(from), minutesOf(to)];
  const closed = new Map<IsoDate, boolean>();
  const isClosed = (day: IsoDate): boolean => {
    const known = closed.get(day) ?? isClosedDay(plainDate(day), material.holidays);
    closed.set(day, known);
    return known;
  };
  const outside = ({ day, minute }: LogFact) => minute < begins || minute >= ends || isClosed(day);
  const facts = inPeriod(material).filter((fact) => isAttempt(fact) && outside(fact));
  return byPersonAndDay(facts).map((each) => hitOf(each, { count: each.length, threshold: 1 }));
};

/** 注視対象: uses of one's own household, of colleagues and of public figures that are on the list; by person and day. */
export const watched: FindHits = (material) => {
  const facts = inPeriod(material).flatMap((fact) => {
    const subjects = fact.subjects.filter((ref) => isWatchedUse(material.watched, fact, ref));
    return isUse(fact) && subjects.length > 0 ? [{ ...fact, subjects }] : [];
  });
  return byPersonAndDay(facts).map((each) => hitOf(each, { count: each.length, threshold: 1 }));
};

/** 複数所属: one subject that was used by so many units on one day. */
export const manyUnits: FindHits = (material, { manyUnits: { units: threshold } }) => {
  const facts = inPeriod(material)
    .filter(isUse)
    .flatMap((fact) => distinct(fact.subjects).map((ref) => ({ ...fact, subjects: [ref] })));
  return grouped(facts, ({ subjects, day }) => `${day} ${subjects.join()}`).flatMap((each) => {
    const hit = hitOf(each, { count: new Set(each.map(({ unit }) => unit)).size, threshold });
    return hit.count >= threshold ? [hit] : [];
  });
};

/** 該当なしの番号検索: searches by number that found nobody, by person and day. */
export const emptySearches: FindHits = (material, { emptySearches: { searches: threshold } }) => {
  const facts = inPeriod(material).filter(
    (fact) => isUse(fact) && fact.op === 'resolve' && fact.subjects.length === 0,
  );
  return byPersonAndDay(facts)
    .filter((each) => each.length >= threshold)
    .map((each) => hitOf(each, { count: each.length, threshold }));
};

/** @param time `07:00` */
function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return Number(hours) * 60 + Number(minutes);
}
