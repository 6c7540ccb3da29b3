import type { GRANT_STATES } from '../../../schema/vault/staff.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import {
  GRANT_UNUSED_DAYS_MAX,
  GRANT_UNUSED_LISTED_DAYS,
  RECERTIFICATION_DAYS_MAX,
  TRAINING_DAYS_MAX,
} from '../../kernel/limits.js';
import type { VaultOperation } from '../assertion/operation.js';
import type { VaultRule } from '../refusal.js';
import { unitOn, type Person, type VaultRole } from '../staff/person.js';

/** 個人番号利用権限: what a person may do with numbers, for which purpose, from when to when (handbook 15 §6.1). */
export interface Grant {
  readonly id: bigint;
  readonly personId: string;
  readonly purpose: string;
  readonly operations: readonly VaultOperation[];
  readonly validFrom: IsoDate;
  /** Inclusive. */
  readonly validTo: IsoDate;
  readonly state: (typeof GRANT_STATES)[number];
  readonly requestedBy: string;
  readonly approvedBy: string | undefined;
  /** Day of the approval, and then of each quarterly confirmation (棚卸). */
  readonly confirmedOn: IsoDate | undefined;
  readonly lastUsedOn: IsoDate | undefined;
  /** Day of the suspension or withdrawal. */
  readonly stateSince: IsoDate | undefined;
}

/** Who handles numbers. Administrators, key custodians and auditors do not (handbook 15 §2). */
const ROLES_WITH_GRANTS: readonly VaultRole[] = ['handler', 'unitOfficer', 'chiefOfficer'];

/** Why a person may hold or use no grant on a day, or nothing: role, training, secrecy. Pure. */
export function personObstacle(person: Person, day: IsoDate): VaultRule | undefined {
  if (!ROLES_WITH_GRANTS.includes(person.role)) return 'role';
  const { trainedOn, secrecyAcceptedOn } = person;
  if (trainedOn === undefined || trainedOn > day) return 'training-missing';
  if (day > String(trainingEnds(person))) return 'training-expired';
  return secrecyAcceptedOn === undefined || secrecyAcceptedOn > day ? 'secrecy-missing' : undefined;
}

/** Last day on which the training counts: day 366 after it. */
export function trainingEnds({ trainedOn }: Person): IsoDate | undefined {
  return trainedOn === undefined ? undefined : daysAfter(trainedOn, TRAINING_DAYS_MAX);
}

/**
 * Why a grant gives nothing on a day, or nothing. Suspensions of the calendar come by comparing days, without a job
 * that could fail to run. Pure.
 */
export function grantObstacle(grant: Grant, person: Person, day: IsoDate): VaultRule | undefined {
  if (grant.state === 'requested' || grant.state === 'withdrawn') return 'grant-missing';
  if (day < grant.validFrom || day > grant.validTo) return 'grant-period';
  if (unitOn(person, day) === undefined) return 'unit-left';
  if (grant.state === 'suspended') return 'grant-suspended';
  if (isUnconfirmed(grant, day)) return 'grant-unconfirmed';
  return isUnused(grant, day) ? 'grant-unused' : undefined;
}

/**
 * Whether the quarterly confirmation (棚卸) is overdue on a day: within 14 days of the quarter's start it was not
 * confirmed, nor approved or begun since that start.
 * @example
 * // quarter start 2026-10-01: may be confirmed through 2026-10-15, suspended from 2026-10-16
 */
export function isUnconfirmed(grant: Grant, day: IsoDate): boolean {
  const start = quarterStart(day);
  const due = day > daysAfter(start, RECERTIFICATION_DAYS_MAX) ? start : quarterStart(daysAfter(start, -1));
  return standingSince(grant) < due;
}

/** Whether the confirmation of the present quarter is still to come: what the unit officer is reminded of. */
export function isConfirmationDue(grant: Grant, day: IsoDate): boolean {
  return standingSince(grant) < quarterStart(day);
}

/** Whether a grant was not used for so long that it is suspended: 180 days after its last use or its beginning. */
export function isUnused(grant: Grant, day: IsoDate): boolean {
  return day >= daysAfter(lastUse(grant), GRANT_UNUSED_DAYS_MAX);
}

/** Whether a grant is listed as unused: from 90 days after its last use or its beginning. */
export function isListedUnused(grant: Grant, day: IsoDate): boolean {
  return day >= daysAfter(lastUse(grant), GRANT_UNUSED_LISTED_DAYS);
}

/**
 * Last day of a period of months that begins on a day (民法 143): the day before the corresponding one; where there is
 * none, the last day of the month.
 */
export function lastDayOfMonths(from: IsoDate, months: number): IsoDate {
  const first = plainDate(from);
  const corresponding = first.add({ months });
  return (corresponding.day === first.day ? corresponding.subtract({ days: 1 }) : corresponding).toString();
}

function standingSince({ confirmedOn, validFrom }: Grant): IsoDate {
  return confirmedOn !== undefined && confirmedOn > validFrom ? confirmedOn : validFrom;
}

function lastUse({ lastUsedOn, validFrom }: Grant): IsoDate {
  return lastUsedOn ?? validFrom;
}

function quarterStart(day: IsoDate): IsoDate {
  const date = plainDate(day);
  return date.with({ month: date.month - ((date.month - 1) % 3), day: 1 }).toString();
}

function daysAfter(day: IsoDate, days: number): IsoDate {
  return plainDate(day).add({ days }).toString();
}
