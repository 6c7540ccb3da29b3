import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { STAY_LEVIES_MAX } from '../../kernel/limits.js';
import { sumYen } from '../../kernel/yen.js';
import { extinctionOf, type Limitation } from '../limitation/limitation.js';
import type { ComponentYen } from '../receipt/allocation.js';
import { stayExtinctionOf, type StayInForce } from '../writeOff/writeOff.js';

/** 執行停止の事由: 15条の7①1号, 2号, 3号. */
export type StayGroundWord = StayInForce['ground'];

/** What a line stands at when somebody wants to stay it. */
export interface StayableLine {
  readonly levyId: bigint;
  readonly addresseeNo: string;
  readonly dueOn: IsoDate;
  readonly outstanding: ComponentYen;
  readonly limitation: Limitation;
  /** A stay of it was not cancelled, or extinguished it before. */
  readonly isStayed: boolean;
  /** A seizure of it lasts. */
  readonly isSeized: boolean;
  /** It is in a proposal of a stay that nobody has decided. */
  readonly isProposed: boolean;
  /** It was frozen to be handed to the collection organization (移管), which has not refused or returned it. */
  readonly isHandedOver: boolean;
  /** The organization has had it, and not all is known that it did: its acts may have renewed the limitation. */
  readonly isUntold: boolean;
}

/**
 * Whether lines may be stayed (15条の7①, handbook 03 §6): each is of the person, due, unpaid and owed still, and nobody
 * else collects it. Whoever lives in distress may be under a seizure, which is to be released after the stay (③);
 * where there is nothing to seize there is none.
 * @param field the field of the input by which the lines were named
 * @throws KuramoriError BAD_INPUT, NOT_FOUND or CONFLICT naming the field
 */
export function assertStayable(
  ground: StayGroundWord,
  levyIds: readonly bigint[],
  addresseeNo: string,
  lines: readonly StayableLine[],
  today: IsoDate,
  field: 'levyIds' | 'proposalId' = 'levyIds',
): void {
  assertNamed(levyIds);
  if (lines.length < levyIds.length || lines.some((line) => line.addresseeNo !== addresseeNo))
    throw new KuramoriError('NOT_FOUND', 'A levy line is none of this person. Check the numbers.', { field });
  for (const line of lines) {
    const sentence = hindranceOf(ground, line, today);
    if (sentence !== undefined) throw new KuramoriError('CONFLICT', sentence, { field });
  }
}

/** Why a line cannot be stayed, or nothing. */
function hindranceOf(ground: StayGroundWord, line: StayableLine, today: IsoDate): string | undefined {
  if (line.isProposed)
    return 'A line is in a proposal of a stay that nobody has decided. Have it decided first.';
  if (line.isHandedOver)
    return 'A line is with the collection organization, or on its way. Wait until it has refused or returned the case.';
  if (line.isStayed) return 'A line has a stay already. Leave it out.';
  if (line.dueOn >= today) return 'A line is not due yet, so that nothing of it can be stayed. Leave it out.';
  if (sumYen(Object.values(line.outstanding).map((yen) => (yen > 0n ? yen : 0n))) === 0n)
    return 'A line owes nothing. Leave it out.';
  const extinguishedOn = extinctionOf(line.limitation);
  if (!line.isUntold && extinguishedOn !== null && extinguishedOn <= today)
    return 'The limitation of a line is complete. Propose to write it off.';
  if (line.isSeized && ground !== 'livingInDistress')
    return 'A line is under a seizure, which this ground excludes. Have it released first.';
  return undefined;
}

/** A proposal as its decision sees it. Persons count, not accounts (handbook 15 §2). */
export interface StayProposalStanding {
  readonly proposerPerson: string;
  readonly outcome: 'approved' | 'rejected' | undefined;
}

/**
 * Whether a person may decide a stay: once, and never who proposed it.
 * @throws KuramoriError CONFLICT or DUAL_CONTROL_REQUIRED
 */
export function assertDecidable(proposal: StayProposalStanding, deciderPerson: string): void {
  const field = 'proposalId';
  if (proposal.outcome !== undefined)
    throw new KuramoriError('CONFLICT', 'The stay was decided already. Read it again.', { field });
  if (proposal.proposerPerson === deciderPerson)
    throw new KuramoriError(
      'DUAL_CONTROL_REQUIRED',
      'Who proposed a stay does not decide it. Another person must.',
      { field },
    );
}

/** A stay as its cancellation sees it. */
export interface CancellableStay {
  readonly decidedOn: IsoDate;
  readonly isCancelled: boolean;
}

/**
 * Whether a stay may be cancelled (15条の8): once, and before three years of it have extinguished the line, which nobody
 * takes back (15条の7④).
 * @throws KuramoriError CONFLICT
 */
export function assertCancellable({ decidedOn, isCancelled }: CancellableStay, today: IsoDate): void {
  const field = 'stayId';
  if (isCancelled)
    throw new KuramoriError('CONFLICT', 'The stay was cancelled already. Read it again.', { field });
  if (stayExtinctionOf(decidedOn) <= today)
    throw new KuramoriError(
      'CONFLICT',
      'The stay has lasted three years, which extinguished the line. Propose to write it off.',
      { field },
    );
}

function assertNamed(levyIds: readonly bigint[]): void {
  const isSound = levyIds.length > 0 && levyIds.length <= STAY_LEVIES_MAX;
  if (!isSound || new Set(levyIds).size < levyIds.length)
    throw new KuramoriError(
      'BAD_INPUT',
      `Name at least one levy line and at most ${STAY_LEVIES_MAX}, each once.`,
      { field: 'levyIds' },
    );
}
