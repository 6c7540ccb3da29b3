import type { Logger } from 'pino';
import { isKuramoriError } from '../../kernel/errors.js';
import type { Transfers } from './transfers.js';

/**
 * Does a round of what transfers do by themselves again and again while the vault is in service. A failure is told of
 * by its code and tried again.
 * @param inService whether operations may be done
 * @param roundMs between the beginnings of two rounds
 * @returns ends it, once what is under way has ended
 */
export function keepTransfers(
  transfers: Pick<Transfers, 'round' | 'close'>,
  inService: () => boolean,
  logger: Pick<Logger, 'warn'>,
  roundMs: number,
): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  let waiting = false;
  const timer = setInterval(() => {
    if (waiting || !inService()) return;
    waiting = true;
    underWay = underWay
      .then(async () => {
        for (const fault of await transfers.round()) logger.warn(fault, 'a step of a transfer failed');
      })
      .catch(told)
      .finally(() => (waiting = false));
  }, roundMs);
  return async () => {
    clearInterval(timer);
    await underWay;
    await transfers.close();
  };

  function told(error: unknown): void {
    const code = isKuramoriError(error) ? error.code : 'INTERNAL';
    logger.warn({ code }, 'a round of transfers failed; it is tried again');
  }
}
