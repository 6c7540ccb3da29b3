import type { Logger } from 'pino';
import { isKuramoriError } from '../../kernel/errors.js';
import { PUSH_FAULT_PAUSE_MS, PUSH_LOOK_MS, PUSHES_UNDER_WAY_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { advance } from './advance.js';
import { advanceBatch } from './batch/advance.js';
import { dueBatches } from './batch/batch.store.js';
import { formBatches } from './batch/form.js';
import type { PushContext } from './context.js';
import { duePushes } from './push.store.js';

/** What carries pushes out while the vault is open. */
export interface PushRunner {
  /** Takes up what is due and waits until nothing more is under way: for tests and for the end. */
  settled(): Promise<void>;
  /** Takes up nothing more and ends what is under way, whose exchanges end without an answer. */
  stop(): Promise<void>;
}

/**
 * Carries out pushes that are due: at once when one is accepted, and by looking every PUSH_LOOK_MS. At most
 * PUSHES_UNDER_WAY_MAX at a time, each by one hand, a batch like a push.
 * @param inService whether the vault is open
 * @returns nothing where no intermediary server is configured
 */
export function runPushes(
  context: VaultContext,
  inService: () => boolean,
  logger: Pick<Logger, 'warn'>,
): PushRunner | undefined {
  const { intermediary } = context.pushes;
  if (intermediary === undefined) return undefined;
  return new Runner({ ...context, intermediary }, inService, logger);
}

type RunnerContext = PushContext & Pick<VaultContext, 'clockGuard' | 'pushes'>;

class Runner implements PushRunner {
  readonly #context: RunnerContext;
  readonly #inService: () => boolean;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Pushes that met a failure of ours, with the monotonic time from which they are tried again. */
  readonly #paused = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  /** A look that has not begun sees what this one would. */
  #isQueued = false;
  #stopping = false;

  constructor(context: RunnerContext, inService: () => boolean, logger: Pick<Logger, 'warn'>) {
    [this.#context, this.#inService, this.#logger] = [context, inService, logger];
    this.#timer = setInterval(() => this.#look(), PUSH_LOOK_MS);
    context.pushes.onWake(() => this.#look());
  }

  async settled(): Promise<void> {
    this.#look();
    let looked;
    // What ends asks for another look, which may have begun while the last was waited for.
    do {
      looked = this.#looking;
      await looked;
      await Promise.all(this.#underWay.values());
    } while (looked !== this.#looking || this.#underWay.size > 0);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#looking;
    this.#context.intermediary.close();
    await Promise.all(this.#underWay.values());
  }

  #look(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#looking = this.#looking.then(() => {
      this.#isQueued = false;
      return this.#takeUp();
    });
  }

  async #takeUp(): Promise<void> {
    const { database, clock, clockGuard } = this.#context;
    if (this.#stopping || !this.#inService() || clockGuard.fault !== undefined) return;
    const free = PUSHES_UNDER_WAY_MAX - this.#underWay.size;
    if (free <= 0) return;
    this.#forgetPauses();
    const taken = [...this.#underWay.keys(), ...this.#paused.keys()];
    try {
      await formBatches(this.#context);
      const now = clock.now();
      // A batch is many pushes: it goes before them.
      const batches = await dueBatches(database, now, taken, free);
      for (const id of batches) this.#underWay.set(id, this.#run(id, advanceBatch));
      for (const id of await duePushes(database, now, taken, free - batches.length))
        this.#underWay.set(id, this.#run(id, advance));
    } catch (error) {
      this.#warn(error, 'pushes could not be looked for; it is tried again');
    }
  }

  async #run(id: string, step: typeof advance | typeof advanceBatch): Promise<void> {
    try {
      await step(this.#context, id);
    } catch (error) {
      this.#paused.set(id, performance.now() + PUSH_FAULT_PAUSE_MS);
      this.#warn(error, 'a push could not be taken on; it is tried again');
    } finally {
      this.#underWay.delete(id);
      this.#look();
    }
  }

  #forgetPauses(): void {
    const now = performance.now();
    for (const [id, until] of this.#paused) if (until <= now) this.#paused.delete(id);
  }

  #warn(error: unknown, sentence: string): void {
    this.#logger.warn({ code: isKuramoriError(error) ? error.code : 'INTERNAL' }, sentence);
  }
}
