import { businessDaysAfter } from '../../kernel/closedDays.js';
import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { PERSONNEL_FEED_ALARM_WORKING_DAYS, PERSONNEL_FEED_STOP_WORKING_DAYS } from '../../kernel/limits.js';
import type { DailyAlarm } from '../alarm.js';
import type { VaultContext } from '../context.js';
import { readHolidays } from '../evidence/incident/incident.store.js';
import { allGrants } from '../grant/grant.store.js';
import { lastFeed } from './feed.store.js';

/**
 * 人事情報の受領の状況: `never` before the first feed, from which on the days are counted; `late` is an alarm; `stopped`
 * besides gives no new grant.
 */
export interface FeedStanding {
  readonly state: 'never' | 'current' | 'late' | 'stopped';
  /** 基準日 of the last feed. */
  readonly asOf?: IsoDate;
  /** First day on which no grant is given, unless another feed arrives. */
  readonly stopsOn?: IsoDate;
}

/**
 * How a feed stands on a day (handbook 15 §6.2). What is counted are working days that are over, after the day whose
 * state the last feed tells: one that arrives and tells of last week is as late as one that does not arrive. Pure.
 * @param asOf of the last feed, or none
 * @param holidays 祝日; in a year that is missing none is spared, and the alarm is rather early
 * @example feedStanding('2026-11-02', holidays, '2026-11-07').state // 'late': Wednesday to Friday are over
 */
export function feedStanding(
  asOf: IsoDate | undefined,
  holidays: ReadonlySet<IsoDate>,
  day: IsoDate,
): FeedStanding {
  if (asOf === undefined) return { state: 'never' };
  const lastOf = (days: number) => businessDaysAfter(plainDate(asOf), days, holidays);
  const lastDay = lastOf(PERSONNEL_FEED_STOP_WORKING_DAYS);
  const told = { asOf, stopsOn: lastDay.add({ days: 1 }).toString() };
  if (day > lastDay.toString()) return { state: 'stopped', ...told };
  const isLate = day > lastOf(PERSONNEL_FEED_ALARM_WORKING_DAYS).toString();
  return { state: isLate ? 'late' : 'current', ...told };
}

/** How the feed of a vault stands on a day. */
export async function feedStandingOn(session: Session, day: IsoDate): Promise<FeedStanding> {
  return feedStanding((await lastFeed(session))?.asOf, await readHolidays(session), day);
}

/**
 * 人事情報の未着: a feed that is late, or with which grants have stopped; and one that never came, once somebody has a
 * grant: else whoever never begins to feed would never be told of.
 */
export async function feedAlarms({
  database,
  clock,
}: Pick<VaultContext, 'database' | 'clock'>): Promise<readonly DailyAlarm[]> {
  const { state, asOf } = await feedStandingOn(database, today(clock));
  if (state === 'current') return [];
  if (state !== 'never')
    return [
      { what: state === 'late' ? 'personnelFeedLate' : 'personnelFeedStopped', subject: `asOf:${asOf}` },
    ];
  const grants = await allGrants(database);
  const isGranted = grants.some((grant) => grant.state === 'approved');
  return isGranted ? [{ what: 'personnelFeedNever', subject: 'grantsInForce' }] : [];
}
