import { z } from 'zod';
import type { BREAK_GLASS_OUTCOMES } from '../../../schema/vault/breakGlass.js';
import { businessDaysAfter } from '../../kernel/closedDays.js';
import { dayInJapan, Temporal, type IsoDate } from '../../kernel/dates.js';
import { dualControlRequired, type ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  BREAK_GLASS_MS_MAX,
  BREAK_GLASS_PRESENT_MS_MAX,
  BREAK_GLASS_REVIEW_BUSINESS_DAYS,
  BREAK_GLASS_SUBJECTS_MAX,
} from '../../kernel/limits.js';
import type { VaultRule } from '../refusal.js';

/** 緊急時利用 (handbook 15 §6.4): the rules alone, for whoever keeps seals, openings, uses and reviews. */

/** 緊急時利用の資格: what an envelope is labelled with. */
export const breakGlassIdForm = z.string().regex(/^BG-[A-Za-z0-9-]{1,32}$/);

export type BreakGlassOutcome = (typeof BREAK_GLASS_OUTCOMES)[number];

/** 開封 of a sealed credential by two people who were present. */
export interface Opening {
  /** The approval by which it was opened, `AP-…`; each use names it. */
  readonly openingId: string;
  readonly breakGlassId: string;
  readonly sealNo: string;
  readonly openedBy: string;
  /** 立会者 */
  readonly secondedBy: string;
  readonly terminalId: string;
  readonly purpose: string;
  readonly openedAt: Temporal.Instant;
  /** Exclusive. */
  readonly until: Temporal.Instant;
  readonly review: BreakGlassReview | undefined;
}

/** 点検 of an opening. */
export interface BreakGlassReview {
  readonly outcome: BreakGlassOutcome;
  readonly finding: string;
  readonly reviewedBy: string;
  readonly approvedBy: string;
  /** ISO instant */
  readonly reviewedAt: string;
}

/** One subject that somebody asks for under an opening. */
export interface GlassUse {
  readonly personId: string;
  readonly terminalId: string;
  readonly purpose: string;
  readonly at: Temporal.Instant;
  /** Whether the second person is employed and not withdrawn; of the one who asks that is known already. */
  readonly isSecondInForce: boolean;
  /** Subjects that count under the opening so far. */
  readonly spent: number;
}

/** How long an opening made now lasts. Pure. @returns its end, exclusive */
export function openUntil(openedAt: Temporal.Instant): Temporal.Instant {
  return openedAt.add({ milliseconds: BREAK_GLASS_MS_MAX });
}

/**
 * Why nothing more is shown under an opening, or nothing: by the one who opened it, on that terminal, for that purpose,
 * in `[openedAt, until)`, while both are in force, so many subjects. Pure.
 * @param opening none when nobody knows of it
 */
export function useObstacle(opening: Opening | undefined, use: GlassUse): VaultRule | undefined {
  if (opening === undefined || opening.openedBy !== use.personId) return 'break-glass-none';
  if (opening.terminalId !== use.terminalId) return 'break-glass-terminal';
  if (opening.purpose !== use.purpose) return 'break-glass-purpose';
  if (!isWithin(opening, use.at)) return 'break-glass-over';
  if (!use.isSecondInForce) return 'break-glass-withdrawn';
  return use.spent >= BREAK_GLASS_SUBJECTS_MAX ? 'budget-break-glass' : undefined;
}

/**
 * Whether a code breaks a seal: it is that of the last seal, which nobody has broken, of a credential without an
 * opening that waits for its review. Pure.
 * @param seal the last one of the credential; none when nothing was ever sealed under its name
 */
export function sealObstacle(
  seal: { readonly isBroken: boolean; readonly awaitsReview: boolean } | undefined,
  isItsCode: boolean,
): VaultRule | undefined {
  if (seal === undefined || !isItsCode) return 'break-glass-code';
  return seal.isBroken || seal.awaitsReview ? 'break-glass-disabled' : undefined;
}

/**
 * The second person has decided within BREAK_GLASS_PRESENT_MS_MAX: the step-up by which he did so is fresh, too.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED stale
 */
export function assertPresent(decided: ByAt, openedAt: Temporal.Instant): void {
  const age = openedAt.epochMilliseconds - decided.at.epochMilliseconds;
  if (age >= BREAK_GLASS_PRESENT_MS_MAX) throw dualControlRequired('stale');
}

/** 点検期限: the last day for the review, two working days after that of the opening, which does not count. */
export function reviewDueOn(
  { openedAt }: Pick<Opening, 'openedAt'>,
  holidays: ReadonlySet<IsoDate>,
): IsoDate {
  return businessDaysAfter(dayInJapan(openedAt), BREAK_GLASS_REVIEW_BUSINESS_DAYS, holidays).toString();
}

/** 状態: it can be used; it waits for its review; that is late; it was reviewed. */
export type OpeningState = 'open' | 'awaitsReview' | 'overdue' | 'reviewed';

/** The state of an opening by the calendar alone. Pure. */
export function openingState(
  opening: Opening,
  now: Temporal.Instant,
  holidays: ReadonlySet<IsoDate>,
): OpeningState {
  if (opening.review !== undefined) return 'reviewed';
  if (isWithin(opening, now)) return 'open';
  return dayInJapan(now).toString() > reviewDueOn(opening, holidays) ? 'overdue' : 'awaitsReview';
}

/**
 * An opening may be reviewed: once, after it is over, by people who had no part in it.
 * @param people who review it, as far as they are known
 * @throws KuramoriError CONFLICT; DUAL_CONTROL_REQUIRED involved
 */
export function assertMayReview(opening: Opening, people: readonly string[], now: Temporal.Instant): void {
  if (opening.review !== undefined) throw conflict('The opening was reviewed already.');
  if (isWithin(opening, now)) throw conflict('The opening is not over yet. Review it then.');
  if (people.some((person) => [opening.openedBy, opening.secondedBy].includes(person)))
    throw dualControlRequired('involved');
}

/** `[openedAt, until)`: an opening that is dated later than now comes from a clock that was set back since. */
function isWithin({ openedAt, until }: Opening, at: Temporal.Instant): boolean {
  return Temporal.Instant.compare(openedAt, at) <= 0 && Temporal.Instant.compare(at, until) < 0;
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}
