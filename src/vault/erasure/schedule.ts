import type { Logger } from 'pino';
import { isKuramoriError } from '../../kernel/errors.js';
import { ERASURE_RESUME_AFTER_MS, ERASURE_RESUME_CHECK_MS } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { resumeErasures } from './resume.js';
import { erasureContextOf } from './running.js';

type ScheduleLogger = Pick<Logger, 'info' | 'warn'>;

/**
 * Finishes erasures that a failure stopped on their way, such as a database that was away, while the vault runs on:
 * their shred keys must not lie there until it is opened next.
 * @param isInService whether operations may be done
 * @returns ends it, once what is under way has ended
 */
export function scheduleErasures(
  context: VaultContext,
  isInService: () => boolean,
  logger: ScheduleLogger,
): () => Promise<void> {
  let underWay = Promise.resolve();
  const timer = setInterval(() => {
    underWay = underWay.then(() => resumeStopped(context, isInService, logger));
  }, ERASURE_RESUME_CHECK_MS);
  return () => {
    clearInterval(timer);
    return underWay;
  };
}

/** One look, at those that began ERASURE_RESUME_AFTER_MS ago. A failure is told of and tried again at the next. */
export async function resumeStopped(
  context: VaultContext,
  isInService: () => boolean,
  logger: ScheduleLogger,
): Promise<void> {
  if (!isInService()) return;
  try {
    // Certificates are dated.
    context.clockGuard.assertTrusted();
    const begunBy = context.clock.now().subtract({ milliseconds: ERASURE_RESUME_AFTER_MS }).toString();
    const erasures = await resumeErasures(erasureContextOf(context), begunBy);
    if (erasures.length > 0)
      logger.info({ erasures: erasures.length }, 'erasures that had stopped were finished');
  } catch (error) {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.warn({ code }, 'an erasure that had stopped could not be finished; it is tried again');
  }
}
