import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { WRITE_OFF_CLAIMS_MAX, WRITE_OFF_LEVIES_MAX } from '../../kernel/limits.js';
import type { Yen } from '../../kernel/yen.js';
import { extinctionOf, lastDayOf, type Limitation } from '../limitation/limitation.js';
import type { ComponentYen } from '../receipt/allocation.js';

/** 不納欠損の事由: 18条, 15条の7第4項, 15条の7第5項; kept apart in statistics (handbook 03 §6). */
export type WriteOffCauseWord = 'limitation' | 'stayThreeYears' | 'immediate';

/** A stay of execution in force. */
export interface StayInForce {
  readonly stayId: bigint;
  readonly ground: 'noProperty' | 'livingInDistress' | 'whereaboutsUnknown';
  readonly decidedOn: IsoDate;
}

/** What a line stands at when somebody wants to write it off. */
export interface LineStanding {
  readonly levyId: bigint;
  readonly addresseeNo: string;
  readonly outstanding: ComponentYen;
  readonly limitation: Limitation;
  /** The oldest stay of the line that was not cancelled before it extinguished the line. */
  readonly stay: StayInForce | undefined;
  /** It is in a proposal that nobody has decided. */
  readonly isProposed: boolean;
  /**
   * `locked` while the collection organization collects it (移管中); `untold` when it has given it back, and not all is
   * known that it did meanwhile.
   */
  readonly transfer: 'none' | 'untold' | 'locked';
  /** The last day on which money or an offset that still pays it took effect. */
  readonly lastPaidOn: IsoDate | null;
}

/** When a write-off is looked at. */
export interface WriteOffDay {
  readonly today: IsoDate;
  /** Days after which news of every payment is in (handbook 01 §4.2). */
  readonly pendingDays: number;
}

/** Why and since when a claim is owed no more. */
export interface Extinction {
  /** Null for 即時消滅, which takes effect with the decision. */
  readonly extinguishedOn: IsoDate | null;
  readonly stayId: bigint | null;
}

/** One component of a line that is written off. */
export interface WriteOffPart extends Extinction {
  readonly levyId: bigint;
  readonly component: keyof ComponentYen;
  readonly amount: Yen;
}

const STAY_YEARS = 3;

/**
 * 執行停止３年継続による消滅の日 (15条の7第4項): the first day is not counted, and the claim is extinguished on the day after
 * the last.
 * @example stayExtinctionOf('2024-02-29') // '2027-03-01'
 */
export function stayExtinctionOf(decidedOn: IsoDate): IsoDate {
  const startsOn = plainDate(decidedOn).add({ days: 1 });
  return lastDayOf(startsOn, { years: STAY_YEARS }).add({ days: 1 }).toString();
}

/**
 * Whether a line is extinguished for the cause on a day. Limitation runs during a stay, so either may come first, and
 * what came first is the cause. 即時消滅 needs a stay for want of property (15条の7第1項1号) and a claim that still stands.
 * @throws KuramoriError CONFLICT naming the field
 */
export function extinctionBy(cause: WriteOffCauseWord, line: LineStanding, today: IsoDate): Extinction {
  const byLimitation = past(extinctionOf(line.limitation), today);
  const byStay = past(line.stay === undefined ? null : stayExtinctionOf(line.stay.decidedOn), today);
  const first = firstOf(byLimitation, byStay);
  const stayId = line.stay?.stayId ?? null;
  if (cause === 'immediate') {
    if (line.stay?.ground !== 'noProperty')
      throw conflict('A line has no stay in force for want of property, which 即時消滅 needs. Leave it out.');
    if (first !== undefined)
      throw conflict('A line is extinguished already by limitation or by its stay. Name that cause for it.');
    return { extinguishedOn: null, stayId };
  }
  if (cause === 'limitation') {
    if (byLimitation === undefined) throw conflict('The limitation of a line is not complete. Leave it out.');
    if (byStay !== undefined && byStay < byLimitation)
      throw conflict(
        'The stay of a line had lasted three years before its limitation. Name that cause for it.',
      );
    return { extinguishedOn: byLimitation, stayId: null };
  }
  if (byStay === undefined)
    throw conflict('A line has no stay in force that has lasted three years. Leave it out.');
  if (byLimitation !== undefined && byLimitation < byStay)
    throw conflict(
      'The limitation of a line was complete before its stay had lasted three years. Name that cause.',
    );
  return { extinguishedOn: byStay, stayId };
}

/**
 * 不納欠損の内訳: each line whole, by component, for one cause. The claims for fee and charge fall with the tax.
 * @param levyIds the lines that were asked for
 * @throws KuramoriError BAD_INPUT, NOT_FOUND or CONFLICT naming the field
 */
export function writeOffParts(
  cause: WriteOffCauseWord,
  levyIds: readonly bigint[],
  addresseeNo: string,
  lines: readonly LineStanding[],
  day: WriteOffDay,
): readonly WriteOffPart[] {
  assertNamed(levyIds);
  if (lines.length < levyIds.length || lines.some((line) => line.addresseeNo !== addresseeNo))
    throw new KuramoriError('NOT_FOUND', 'A levy line is none of this person. Check the numbers.', {
      field: 'levyIds',
    });
  if (lines.some(({ isProposed }) => isProposed))
    throw conflict('A line is in a proposal that nobody has decided. Have it decided first.');
  const parts = lines.flatMap((line) => {
    const extinction = extinctionBy(cause, line, day.today);
    const ofLine = partsOf(line).map((part) => ({ ...part, ...extinction }));
    if (ofLine.length === 0) throw conflict('A line owes nothing. Leave it out.');
    return ofLine;
  });
  if (parts.length > WRITE_OFF_CLAIMS_MAX)
    throw new KuramoriError(
      'BAD_INPUT',
      `The lines owe more than ${WRITE_OFF_CLAIMS_MAX} components together. Propose them in several parts.`,
      { field: 'levyIds' },
    );
  assertWritable(cause, lines, parts, day);
  return parts;
}

/**
 * What forbids to write off claims that are extinguished: the organization collects them still; it may know of events
 * that bear on their limitation and are not in the records; news of a payment before the extinction may still come; or
 * money came on that day or later, which is 誤納 and not the municipality's (18条②, handbook 03 §7).
 * @param field the field of the input by which the lines were named
 * @throws KuramoriError CONFLICT naming the field
 */
export function assertWritable(
  cause: WriteOffCauseWord,
  lines: readonly LineStanding[],
  parts: readonly Pick<WriteOffPart, 'levyId' | 'extinguishedOn'>[],
  { today, pendingDays }: WriteOffDay,
  field: 'levyIds' | 'proposalId' = 'levyIds',
): void {
  if (lines.some(({ transfer }) => transfer === 'locked'))
    throw conflict('A line is with the collection organization. Wait until it returns the case.', field);
  if (cause === 'limitation' && lines.some(({ transfer }) => transfer === 'untold'))
    throw conflict(
      'A line was with the collection organization, whose dispositions and renewals of limitation are not all known. ' +
        'Take its results, or leave it out.',
      field,
    );
  const extinctions = new Map(parts.map(({ levyId, extinguishedOn }) => [levyId, extinguishedOn]));
  for (const { levyId, lastPaidOn } of lines) {
    const extinguishedOn = extinctions.get(levyId) ?? null;
    if (extinguishedOn === null) continue;
    if (plainDate(extinguishedOn).add({ days: pendingDays }).toString() > today)
      throw conflict(
        `News of a payment of a line may still come. Wait until ${pendingDays} days after its extinction.`,
        field,
      );
    if (lastPaidOn !== null && lastPaidOn >= extinguishedOn)
      throw conflict(
        'A line was paid on the day of its extinction or later, which is to be given back. Set the money free first.',
        field,
      );
  }
}

/** A proposal as its decision sees it. Persons count, not accounts (handbook 15 §2). */
export interface ProposalStanding {
  readonly proposerPerson: string;
  readonly outcome: 'approved' | 'rejected' | undefined;
}

/**
 * Whether a person may decide a write-off, or to take one back: once, and never who proposed it.
 * @throws KuramoriError CONFLICT or DUAL_CONTROL_REQUIRED
 */
export function assertDecidable(
  proposal: ProposalStanding,
  deciderPerson: string,
  field: 'proposalId' | 'reversalId' = 'proposalId',
): void {
  if (proposal.outcome !== undefined)
    throw new KuramoriError('CONFLICT', 'The proposal was decided already. Read it again.', { field });
  if (proposal.proposerPerson === deciderPerson)
    throw new KuramoriError(
      'DUAL_CONTROL_REQUIRED',
      'Who proposed a write-off, or to take one back, does not decide it. Another person must.',
      { field },
    );
}

/**
 * Whether what was proposed is still so: a payment, a reduction, an acknowledgement or the end of a stay since then
 * makes it another matter, which is proposed anew.
 * @param reassess what would be proposed today
 * @throws KuramoriError CONFLICT
 */
export function assertUnchanged(
  proposed: readonly WriteOffPart[],
  reassess: () => readonly WriteOffPart[],
): void {
  if (textOf(proposed) === textOf(reassessed(reassess))) return;
  throw new KuramoriError(
    'CONFLICT',
    'The lines have changed since the write-off was proposed. Reject it, and have it proposed as they stand.',
    { field: 'proposalId' },
  );
}

/** Nothing where the lines cannot be proposed any more. */
function reassessed(reassess: () => readonly WriteOffPart[]): readonly WriteOffPart[] {
  try {
    return reassess();
  } catch (error) {
    if (isKuramoriError(error, 'CONFLICT')) return [];
    throw error;
  }
}

function textOf(parts: readonly WriteOffPart[]): string {
  return parts
    .map(({ levyId, component, amount, extinguishedOn, stayId }) =>
      [levyId, component, amount, extinguishedOn ?? '', stayId ?? ''].join(' '),
    )
    .toSorted()
    .join('\n');
}

function assertNamed(levyIds: readonly bigint[]): void {
  const isSound = levyIds.length > 0 && levyIds.length <= WRITE_OFF_LEVIES_MAX;
  if (!isSound || new Set(levyIds).size < levyIds.length)
    throw new KuramoriError(
      'BAD_INPUT',
      `Name at least one levy line and at most ${WRITE_OFF_LEVIES_MAX}, each once.`,
      { field: 'levyIds' },
    );
}

function partsOf({ levyId, outstanding }: LineStanding) {
  return (Object.entries(outstanding) as [keyof ComponentYen, Yen][])
    .filter(([, amount]) => amount > 0n)
    .map(([component, amount]) => ({ levyId, component, amount }));
}

/** A day that has come. */
function past(day: IsoDate | null, today: IsoDate): IsoDate | undefined {
  return day !== null && day <= today ? day : undefined;
}

function firstOf(...days: (IsoDate | undefined)[]): IsoDate | undefined {
  return days.filter((day) => day !== undefined).toSorted()[0];
}

function conflict(sentence: string, field = 'levyIds'): KuramoriError {
  return new KuramoriError('CONFLICT', sentence, { field });
}
