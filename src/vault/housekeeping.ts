import type { Logger } from 'pino';
import type { Temporal } from '../kernel/dates.js';
import { isKuramoriError } from '../kernel/errors.js';
import { HOUSEKEEPING_MS, VAULT_PURGED_ROWS_MAX } from '../kernel/limits.js';
import { raiseDaily, type DailyAlarm } from './alarm.js';
import { analysisAlarms } from './analysis/due.js';
import { purgeUsedAssertions } from './assertion/used.store.js';
import { listOpenings } from './breakGlass/administration.js';
import { purgeBudgetUses } from './budget/budget.store.js';
import type { VaultContext } from './context.js';
import { listIncidents } from './evidence/administration.js';

import { purgeProvisionRecords } from './push/provisionRecord.js';
import { purgeSpool } from './spool/purge.js';
import { feedAlarms } from './staff/feedStanding.js';
import { purgeStepUps } from './stepup/stepUp.store.js';

type HousekeepingContext = Pick<VaultContext, 'database' | 'shred' | 'audit' | 'clock' | 'clockGuard'>;

/** Forgets rows whose time is over, at most VAULT_PURGED_ROWS_MAX of them. @returns how many */
type Purge = (context: HousekeepingContext, now: Temporal.Instant) => Promise<number>;

const PURGES: Readonly<Record<string, Purge>> = {
  usedAssertions: ({ database }, now) => purgeUsedAssertions(database, now),
  stepUps: ({ database }, now) => purgeStepUps(database, now),
  budgetUses: ({ database }, now) => purgeBudgetUses(database, now),
  spool: purgeSpool,
  provisionRecords: ({ database }, now) => purgeProvisionRecords(database, now),
};

/**
 * Clears away every HOUSEKEEPING_MS what has long expired, tells of incidents whose report is due and of openings that
 * wait for their review, and raises the alarms of duties that were not done. A failure is told of and tried again.
 * @returns ends it, once what is under way has ended: the database may be closed then
 */
export function keepHouse(
  context: HousekeepingContext,
  logger: Pick<Logger, 'warn' | 'error'>,
): () => Promise<void> {
  let underWay = Promise.resolve();
  const timer = setInterval(() => {
    underWay = underWay
      .then(() => clearAway(context, logger))
      .then(() => tellOfIncidents(context, logger))
      .then(() => tellOfOpenings(context, logger))
      .then(() => raiseAlarms(context, logger));
  }, HOUSEKEEPING_MS);
  return () => {
    clearInterval(timer);
    return underWay;
  };
}

/**
 * One round. What fails holds nothing else up. Under a clock that is not trusted nothing is forgotten: the use of an
 * assertion that is forgotten too early could be replayed once the clock is right again.
 */
export async function clearAway(context: HousekeepingContext, logger: Pick<Logger, 'warn'>): Promise<void> {
  const { clock, clockGuard } = context;
  for (const [what, purge] of Object.entries(PURGES)) {
    await orWarn(what, logger, async () => {
      let purged: number;
      do {
        clockGuard.assertTrusted();
        purged = await purge(context, clock.now());
      } while (purged >= VAULT_PURGED_ROWS_MAX);
    });
  }
}

type Telling = Pick<VaultContext, 'database' | 'clock'>;

/** 事案の期限: each round tells again of every report that is due or overdue (handbook 11 §8). */
export function tellOfIncidents(context: Telling, logger: Pick<Logger, 'warn' | 'error'>): Promise<void> {
  return orWarn('incidents', logger, async () => {
    for (const { incidentId, alarm, quickBy, finalBy } of await listIncidents(context))
      if (alarm !== undefined)
        logger.error({ incidentId, alarm, quickBy, finalBy }, 'the report of an incident is due');
  });
}

/** 緊急時利用: each round tells again of every opening that waits for its review (handbook 15 §6.4). */
export function tellOfOpenings(context: Telling, logger: Pick<Logger, 'warn' | 'error'>): Promise<void> {
  return orWarn('breakGlass', logger, async () => {
    for (const { opening, breakGlassId, state, reviewBy } of await listOpenings(context))
      logger.error({ opening, breakGlassId, state, reviewBy }, 'a break-glass opening waits for its review');
  });
}

/** What fails holds nothing else up, and is told of. */
async function orWarn(
  what: string,
  logger: Pick<Logger, 'warn'>,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.warn({ what, code }, 'housekeeping failed; it is tried again');
  }
}

type AlarmsOf = (context: HousekeepingContext) => Promise<readonly DailyAlarm[]>;

const ALARMS: Readonly<Record<string, AlarmsOf>> = {
  analyses: analysisAlarms,
  personnelFeed: feedAlarms,
};

/**
 * 警報: each round tells again of every duty that is overdue; in the vault's log it is raised once a day (handbook 15
 * §10). Under a clock that is not trusted no day is believed to be over.
 */
export async function raiseAlarms(
  context: HousekeepingContext,
  logger: Pick<Logger, 'warn' | 'error'>,
): Promise<void> {
  for (const [what, alarmsOf] of Object.entries(ALARMS)) {
    await orWarn(what, logger, async () => {
      context.clockGuard.assertTrusted();
      for (const alarm of await alarmsOf(context)) {
        await raiseDaily(context, alarm);
        logger.error(alarm, 'a duty is overdue');
      }
    });
  }
}
