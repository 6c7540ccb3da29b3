import type { IsoDate } from '../../kernel/dates.js';
import { plainDate } from '../../kernel/dates.js';
import type { Yen } from '../../kernel/yen.js';
import type { TransferCriteria } from './round.js';

/**
 * What a case stands at, over the lines that can be handed over: overdue, reminded at least ten days ago (handbook 03
 * §2), not stayed, of a tax item of the criteria.
 */
export interface CaseFacts {
  readonly caseId: bigint;
  readonly caseNo: string;
  readonly addresseeNo: string;
  readonly lineCount: number;
  /** Tax and penalty. */
  readonly unpaid: Yen;
  readonly lateChargeFixed: Yen;
  /** Reminder fees and costs of disposition. */
  readonly fees: Yen;
  readonly oldestDueOn: IsoDate;
  readonly isProtected: boolean;
}

/** 移管候補. */
export interface Candidate extends CaseFacts {
  /** From 1, within the quota. */
  readonly rank: number;
  readonly reason: string;
}

/** What came of a selection. */
export interface Selection {
  readonly candidates: readonly Candidate[];
  /** Cases that meet the criteria, more than the quota perhaps. */
  readonly qualified: number;
  readonly examined: number;
}

/** Whether a case meets the criteria on a day. */
export function qualifies(facts: CaseFacts, criteria: TransferCriteria, today: IsoDate): boolean {
  return (
    facts.lineCount > 0 &&
    facts.unpaid >= BigInt(criteria.unpaidMin) &&
    overdueDays(facts, today) >= criteria.overdueDaysMin &&
    (criteria.includesProtected || !facts.isProtected)
  );
}

/**
 * 移管候補の選定: the cases that meet the criteria, in the order that the round asks for, no more than its quota. The same
 * facts give the same candidates, whatever order they come in.
 */
export function selectCandidates(
  facts: readonly CaseFacts[],
  { criteria, quota }: { readonly criteria: TransferCriteria; readonly quota: number },
  today: IsoDate,
): Selection {
  const qualified = facts
    .filter((one) => qualifies(one, criteria, today))
    .toSorted(criteria.order === 'unpaid' ? byUnpaid : byAge);
  const candidates = qualified.slice(0, quota).map((one, at) => ({
    ...one,
    rank: at + 1,
    reason: `滞納額${one.unpaid}円（${one.lineCount}期別）、最古の納期限${one.oldestDueOn}から${overdueDays(one, today)}日`,
  }));
  return { candidates, qualified: qualified.length, examined: facts.length };
}

function overdueDays({ oldestDueOn }: CaseFacts, today: IsoDate): number {
  return plainDate(today).since(plainDate(oldestDueOn), { largestUnit: 'days' }).days;
}

function byUnpaid(a: CaseFacts, b: CaseFacts): number {
  return compare(b.unpaid, a.unpaid) || compare(a.oldestDueOn, b.oldestDueOn) || compare(a.caseNo, b.caseNo);
}

function byAge(a: CaseFacts, b: CaseFacts): number {
  return compare(a.oldestDueOn, b.oldestDueOn) || compare(b.unpaid, a.unpaid) || compare(a.caseNo, b.caseNo);
}

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Why a case that was chosen is not handed over, or null when it still is. */
export type DropOut = 'paidInFull' | 'belowThreshold';

/** 脱落: between the choice and the freeze many pay. @param facts none when nothing can be handed over any more */
export function dropOutOf(
  facts: Pick<CaseFacts, 'unpaid' | 'lineCount'> | undefined,
  criteria: TransferCriteria,
): DropOut | null {
  if (facts === undefined || facts.lineCount === 0 || facts.unpaid === 0n) return 'paidInFull';
  return facts.unpaid < BigInt(criteria.unpaidMin) ? 'belowThreshold' : null;
}
