import { openDayFrom } from '../../kernel/closedDays.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  PROMISE_DAYS_MAX,
  PROMISE_INSTALMENTS_MAX,
  PROMISE_LEVIES_MAX,
  PROMISED_BY_CHARS_MAX,
} from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';
import { sumYen, YEN_MAX, type Yen } from '../../kernel/yen.js';
import { extinctionOf, type Limitation } from '../limitation/limitation.js';

/** 誓約の方式. An oral promise is hard to prove and renews no limitation (handbook 03 §5). */
export type PromiseFormWord = 'written' | 'oral';

/** One instalment as it is agreed. */
export interface AgreedInstalment {
  readonly dueOn: IsoDate;
  readonly amount: Yen;
}

/** What an officer enters of a promise. */
export interface PromiseEntry {
  readonly promisedOn: IsoDate;
  readonly promisedBy: string;
  readonly form: PromiseFormWord;
  readonly paymentsAcknowledgeAll: boolean;
  readonly levyIds: readonly bigint[];
  readonly instalments: readonly AgreedInstalment[];
}

/** An instalment of the plan. */
export interface PlannedInstalment {
  readonly instalmentNo: number;
  readonly nominalDueOn: IsoDate;
  /** The agreed day, moved to the next open one. */
  readonly dueOn: IsoDate;
  readonly amount: Yen;
}

/** An entry that is sound by itself, as it is kept. */
export interface PromisePlan extends Omit<PromiseEntry, 'instalments'> {
  readonly instalments: readonly PlannedInstalment[];
  /** Sum of the instalments. */
  readonly amount: Yen;
}

/** What a line of the promise stands at, locked. */
export interface PromisedLine {
  readonly levyId: bigint;
  readonly addresseeNo: string;
  /** What it owes, over all components. */
  readonly outstanding: Yen;
  /** It is in a promise that is neither kept nor ended; a broken one is replaced or cancelled first. */
  readonly isPromised: boolean;
  readonly limitation: Limitation;
  /** The organization has had it, and not all is known that it did: its acts may have renewed the limitation. */
  readonly isUntold: boolean;
  /** A stay of three years has extinguished it (15条の7④). */
  readonly isStayEnded: boolean;
}

/**
 * 分納計画: checks what was entered by itself, and moves each agreed day to an open one. A promise is dated from the
 * opening of its case to today: what it acknowledges is not made older or younger than it is.
 * @param openedOn day on which the case was opened
 * @param holidays days of the holiday table; a year that is not in it yet has its weekends and the turn of the year
 * @throws KuramoriError BAD_INPUT naming the field
 */
export function promisePlan(
  entry: PromiseEntry,
  openedOn: IsoDate,
  today: IsoDate,
  holidays: ReadonlySet<IsoDate>,
): PromisePlan {
  const { promisedOn, levyIds } = entry;
  if (promisedOn > today) throw bad('promisedOn', 'A promise cannot be dated after today. Correct its day.');
  if (promisedOn < openedOn)
    throw bad('promisedOn', 'The promise is dated before its case was opened. Correct its day.');
  if (levyIds.length === 0 || levyIds.length > PROMISE_LEVIES_MAX)
    throw bad('levyIds', `Name at least one levy line and at most ${PROMISE_LEVIES_MAX}.`);
  if (new Set(levyIds).size < levyIds.length)
    throw bad('levyIds', 'A levy line is named twice. Name each once.');
  if (entry.paymentsAcknowledgeAll && entry.form === 'oral')
    throw bad(
      'paymentsAcknowledgeAll',
      'An oral promise acknowledges nothing, nor do its payments for other lines. Have it written or omit this.',
    );
  const promisedBy = enteredText(entry.promisedBy, 'promisedBy', PROMISED_BY_CHARS_MAX);
  assertInstalments(entry.instalments, promisedOn);
  const instalments = entry.instalments.map(({ dueOn, amount }, at) => ({
    instalmentNo: at + 1,
    nominalDueOn: dueOn,
    dueOn: openDayFrom(plainDate(dueOn), holidays).toString(),
    amount,
  }));
  return { ...entry, promisedBy, instalments, amount: sumYen(instalments.map(({ amount }) => amount)) };
}

/**
 * Whether the lines can be promised: each is the person's, owes something, is in no promise that has not ended
 * and is not known to be extinguished (18条②, 15条の7④: nobody can waive that, and what would be paid is 誤納); and what
 * they owe today is what the instalments add up to. Late charges that are not levied yet run on and are not part of it.
 * @throws KuramoriError NOT_FOUND, CONFLICT or BAD_INPUT naming the field
 */
export function assertPromisable(
  { levyIds, promisedOn, amount }: PromisePlan,
  addresseeNo: string,
  lines: readonly PromisedLine[],
): void {
  if (lines.length < levyIds.length || lines.some((line) => line.addresseeNo !== addresseeNo))
    throw new KuramoriError(
      'NOT_FOUND',
      'A levy line is none of the person of the case. Check the numbers.',
      {
        field: 'levyIds',
      },
    );
  if (lines.some(({ outstanding }) => outstanding <= 0n))
    throw conflict('levyIds', 'A levy line owes nothing any more. Leave it out.');
  if (lines.some(({ isPromised }) => isPromised))
    throw conflict(
      'levyIds',
      'A levy line is in a promise that has not ended. Name that as the one that is replaced, or cancel it first.',
    );
  if (lines.some((line) => isExtinguished(line, promisedOn)))
    throw conflict(
      'levyIds',
      'A levy line was extinguished by limitation before the promise, which cannot be waived. Leave it out.',
    );
  if (lines.some(({ isStayEnded }) => isStayEnded))
    throw conflict('levyIds', 'A levy line was extinguished by a stay of three years. Leave it out.');
  if (amount !== sumYen(lines.map(({ outstanding }) => outstanding)))
    throw bad(
      'instalments',
      'The instalments do not add up to what the levy lines owe today. Read what is outstanding and mend them.',
    );
}

function assertInstalments(instalments: readonly AgreedInstalment[], promisedOn: IsoDate): void {
  if (instalments.length === 0 || instalments.length > PROMISE_INSTALMENTS_MAX)
    throw bad('instalments', `Agree on at least one instalment and at most ${PROMISE_INSTALMENTS_MAX}.`);
  if (instalments.some(({ amount }) => amount <= 0n || amount > YEN_MAX))
    throw bad('instalments', 'An instalment must be of 1 yen or more. Correct its amount.');
  if (instalments.some(({ dueOn }, at) => at > 0 && dueOn <= (instalments[at - 1]?.dueOn ?? '')))
    throw bad(
      'instalments',
      'The instalments must stand in the order of their days, each on a day of its own.',
    );
  const first = instalments[0]?.dueOn ?? promisedOn;
  if (first < promisedOn)
    throw bad('instalments', 'An instalment is due before the promise. Correct its day.');
  const last = plainDate(instalments.at(-1)?.dueOn ?? promisedOn);
  if (plainDate(promisedOn).until(last, { largestUnit: 'days' }).days > PROMISE_DAYS_MAX)
    throw bad(
      'instalments',
      `The last instalment is more than ${PROMISE_DAYS_MAX} days away. Agree on less.`,
    );
}

function isExtinguished(
  { limitation, isUntold }: Pick<PromisedLine, 'limitation' | 'isUntold'>,
  on: IsoDate,
): boolean {
  const extinguishedOn = extinctionOf(limitation);
  return !isUntold && extinguishedOn !== null && extinguishedOn <= on;
}

function bad(field: string, sentence: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', sentence, { field });
}

function conflict(field: string, sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence, { field });
}
