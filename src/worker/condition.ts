import { isKuramoriError, type ErrorCode } from '../kernel/errors.js';
import { WORKER_SILENT_MS_MAX } from '../kernel/limits.js';
import type { StepReport } from './repeating.js';

/** Why a worker is not ready: the code of a failure, or that it ends. */
export type WorkerFault = ErrorCode | 'STOPPING';

interface WorkCondition {
  succeededAt: number;
  code: ErrorCode | undefined;
}

/** How each piece of work goes, for readiness and the log: told when it begins to fail and when it goes on again. */
export class Condition {
  readonly #works = new Map<string, WorkCondition>();
  #stopping = false;
  readonly #monotonicMs: () => number;
  readonly #tell: (work: string, code: ErrorCode | undefined) => void;

  /**
   * @param monotonicMs a clock that nobody sets, in milliseconds
   * @param tell is told a code when a piece of work begins to fail or fails otherwise, and none when it goes on
   */
  constructor(monotonicMs: () => number, tell: (work: string, code: ErrorCode | undefined) => void) {
    this.#monotonicMs = monotonicMs;
    this.#tell = tell;
  }

  /** What a piece of work reports to. */
  of(work: string): StepReport {
    const condition = this.#works.get(work) ?? { succeededAt: this.#monotonicMs(), code: undefined };
    this.#works.set(work, condition);
    const change = (code: ErrorCode | undefined) => {
      if (condition.code !== code) this.#tell(work, code);
      condition.code = code;
    };
    return {
      succeeded: () => {
        condition.succeededAt = this.#monotonicMs();
        change(undefined);
      },
      failed: (error) => change(isKuramoriError(error) ? error.code : 'INTERNAL'),
    };
  }

  /** From now on nothing more is taken. */
  stops(): void {
    this.#stopping = true;
  }

  /** Why the worker is not ready: it ends, a piece of work fails, or has not come to its end for too long. */
  fault(): WorkerFault | undefined {
    if (this.#stopping) return 'STOPPING';
    const now = this.#monotonicMs();
    for (const { code, succeededAt } of this.#works.values()) {
      if (code !== undefined) return code;
      if (now - succeededAt > WORKER_SILENT_MS_MAX) return 'TIMEOUT';
    }
    return undefined;
  }
}
