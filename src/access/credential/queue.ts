import { KuramoriError } from '../../kernel/errors.js';

/**
 * Lets a few works run at a time and a bounded number wait. The password verifier is slow on purpose, so a storm of
 * sign-ins must meet a refusal, not a pile of work (design §8).
 * @example const queue = new WorkQueue(2, 32); await queue.run(() => verify());
 */
export class WorkQueue {
  readonly #concurrent: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(concurrent: number, waitingMax: number) {
    this.#concurrent = concurrent;
    this.#waitingMax = waitingMax;
  }

  /** @throws KuramoriError TOO_MANY_REQUESTS at once when as many wait as may */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#concurrent) this.#running += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** The place of the one that ends is handed over, so that nobody overtakes. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      throw new KuramoriError('TOO_MANY_REQUESTS', 'Too many sign-ins are under way. Try again in a moment.');
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
