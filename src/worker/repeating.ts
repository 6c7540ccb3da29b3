import { WORKER_FAILURE_PAUSE_MS, WORKER_FAILURE_PAUSE_MS_MAX } from '../kernel/limits.js';
import { doubled } from './backoff.js';

/** One step of a piece of work that never ends. @returns milliseconds until the next step, 0 for at once */
export type Step = () => Promise<number>;

/** What is told of the steps. */
export interface StepReport {
  readonly succeeded: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Repeats a step until it is told to stop, one at a time; after a step that failed it waits, longer each time.
 * A step that is under way when it is told to stop is finished.
 */
export class Repeating {
  readonly #step: Step;
  readonly #report: StepReport;
  readonly #ended: Promise<void>;
  #stopping = false;
  #failures = 0;
  #wake: (() => void) | undefined;

  constructor(step: Step, report: StepReport) {
    this.#step = step;
    this.#report = report;
    this.#ended = this.#run();
  }

  /** There may be something to do: a pause ends at once. */
  wake(): void {
    this.#wake?.();
  }

  /** Resolves when the last step has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#ended;
  }

  async #run(): Promise<void> {
    // The first step belongs to a turn of its own: whoever made this has not kept it yet.
    await this.#pause(0);
    while (!this.#stopping) await this.#pause(await this.#once());
  }

  async #once(): Promise<number> {
    try {
      const pauseMs = await this.#step();
      this.#failures = 0;
      this.#report.succeeded();
      return pauseMs;
    } catch (error) {
      this.#report.failed(error);
      this.#failures += 1;
      return doubled(WORKER_FAILURE_PAUSE_MS, this.#failures, WORKER_FAILURE_PAUSE_MS_MAX);
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
