import { KuramoriError } from '../../kernel/errors.js';
import { INTERMEDIARY_WAITING_MESSAGES_MAX } from '../../kernel/limits.js';

/** One message at a time: what several stores hold of it is never seen half done. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws KuramoriError TOO_MANY_REQUESTS when too many wait; else what `work` throws */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= INTERMEDIARY_WAITING_MESSAGES_MAX)
      throw new KuramoriError('TOO_MANY_REQUESTS', 'Too many messages wait. Send this one again later.');
    this.#waiting += 1;
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
