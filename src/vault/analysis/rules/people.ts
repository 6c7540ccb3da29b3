import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import { grantObstacle } from '../../grant/grant.js';
import { unitOn, type Person } from '../../staff/person.js';
import { isAttempt, type LogFact } from '../fact.js';
import { byPersonAndDay, hitOf, inPeriod, type FindHits, type Material } from '../rule.js';

/** Rules by which the vault refuses who has left, or has left the unit. */
const REFUSED_AS_FORMER: ReadonlySet<string> = new Set(['employment-ended', 'person-revoked', 'unit-left']);

/**
 * 退職者・異動者の利用: by the register as it stands now, which may have learned of a leaving after the use; refusals for
 * that reason; and whoever acted for another unit than the one in which the log knew him first. By person and day.
 */
export const formerStaff: FindHits = (material) => {
  const first = firstUnits(material);
  const facts = inPeriod(material).filter((fact) => {
    const { personId = '', unit, rule } = fact;
    if (REFUSED_AS_FORMER.has(rule)) return true;
    if (!isAttempt(fact)) return false;
    return unit !== first.get(personId) || hadLeft(material.people.get(personId), fact);
  });
  return byPersonAndDay(facts).map((each) => hitOf(each, { count: each.length, threshold: 1 }));
};

function firstUnits({ facts }: Material): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  for (const { personId, unit } of facts)
    if (personId !== undefined && !units.has(personId)) units.set(personId, unit);
  return units;
}

function hadLeft(person: Person | undefined, { day, ms }: LogFact): boolean {
  if (person === undefined) return true;
  const { employmentFrom, employmentTo, revokedAt } = person;
  const revoked = revokedAt !== undefined && revokedAt.epochMilliseconds < ms;
  const ended = day < employmentFrom || (employmentTo !== undefined && day > employmentTo);
  return revoked || ended || unitOn(person, day) === undefined;
}

/** 未使用の権限: grants that can be used on the period's last day and have not been for so many days until then. */
export const unusedGrants: FindHits = ({ grants, people, period }, { unusedGrants: { days: threshold } }) =>
  grants.flatMap((grant) => {
    const person = people.get(grant.personId);
    const count = daysBetween(grant.lastUsedOn ?? grant.validFrom, period.to);
    if (person === undefined || count < threshold) return [];
    const obstacle = grantObstacle(grant, person, period.to);
    // One that is suspended for want of use is the longest unused of all.
    if (obstacle !== undefined && obstacle !== 'grant-unused') return [];
    const about = [`grant:${grant.id}`];
    const hit = { day: period.to, people: [grant.personId], units: [person.unit], about, sequences: [] };
    return [{ ...hit, count, threshold }];
  });

function daysBetween(from: IsoDate, to: IsoDate): number {
  return plainDate(from).until(plainDate(to), { largestUnit: 'days' }).days;
}
