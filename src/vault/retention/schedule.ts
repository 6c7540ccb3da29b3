import type { Logger } from 'pino';
import { today } from '../../kernel/clock.js';
import { JAPAN_TIME_ZONE, type Temporal } from '../../kernel/dates.js';
import { isKuramoriError } from '../../kernel/errors.js';
import { RETENTION_CHECK_MS, RETENTION_RUN_HOUR } from '../../kernel/limits.js';
import { runRetention, type RetentionContext } from './run.js';
import { hasNightlyRun, SCHEDULE } from './run.store.js';

type ScheduleLogger = Pick<Logger, 'info' | 'warn'>;

/** Whether the day's list may be made at an instant: from RETENTION_RUN_HOUR in Japan on. Pure. */
export function isRunHour(now: Temporal.Instant): boolean {
  return now.toZonedDateTimeISO(JAPAN_TIME_ZONE).hour >= RETENTION_RUN_HOUR;
}

/**
 * Makes the list of each day once, in the night, or later in the day when the vault was not in service then.
 * @param isInService whether operations may be done: before that a restored backup may hold what is erased
 * @returns ends it, once what is under way has ended
 */
export function scheduleRetention(
  context: RetentionContext,
  isInService: () => boolean,
  logger: ScheduleLogger,
): () => Promise<void> {
  let underWay = Promise.resolve();
  const timer = setInterval(() => {
    underWay = underWay.then(() => runIfDue(context, isInService, logger));
  }, RETENTION_CHECK_MS);
  return () => {
    clearInterval(timer);
    return underWay;
  };
}

/** One look. A failure is told of and tried again at the next. */
export async function runIfDue(
  context: RetentionContext,
  isInService: () => boolean,
  logger: ScheduleLogger,
): Promise<void> {
  const { database, clock } = context;
  if (!isInService() || !isRunHour(clock.now())) return;
  try {
    if (await hasNightlyRun(database, today(clock))) return;
    const run = await runRetention(context, SCHEDULE);
    if (run)
      logger.info({ run: String(run.id), candidates: run.candidates }, 'candidates for erasure listed');
  } catch (error) {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.warn({ code }, 'the list of candidates for erasure was not made; it is tried again');
  }
}
