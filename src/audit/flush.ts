import type { Session } from '../kernel/database/database.js';
import { AUDIT_FLUSH_MS_MAX } from '../kernel/limits.js';

/**
 * Makes durable what was committed ahead of the disk. One flush at a time: all who come while one is under way share
 * the next, because only a flush that begins after their commit is sure to hold it.
 */
export class SharedFlush {
  readonly #session: Session;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether no flush is under way. */
  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /**
   * Resolves when everything that was committed before the call is durable.
   * @throws KuramoriError as `Session.run`; whether it is durable is then unknown
   */
  flushed(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= endedOrHangs(this.#running).then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const flush = this.#session
      .run('audit.flush', ({ raw }) => raw`select audit.flush()`)
      .then(() => undefined);
    this.#running = flush;
    const ended = () => {
      if (this.#running === flush && this.#next === undefined) this.#running = undefined;
    };
    flush.then(ended, ended);
    return flush;
  }
}

/**
 * Resolves when `work` has ended, well or not. A connection that neither answers nor breaks must not hold up the next.
 */
export async function endedOrHangs(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, AUDIT_FLUSH_MS_MAX);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
