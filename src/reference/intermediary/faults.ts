import { z } from 'zod';
import { INTERMEDIARY_FAULT_MS_MAX, INTERMEDIARY_FAULTS_MAX } from '../../kernel/limits.js';
import { bodyCode } from '../../protocol/intermediary/codes.js';

/** What can go wrong on the way, each once or several times. */
export const FAULTS = [
  /** The answer comes late. */
  'delay',
  /** The connection ends before anything was done. */
  'dropBefore',
  /** The connection ends after everything was done. */
  'dropAfter',
  /** The message arrives twice. */
  'duplicate',
  /** The message is overtaken by the next one. */
  'reorder',
  /** A character of the answer is another one. */
  'corrupt',
  /** 503. */
  'unavailable',
  /** The connection ends in the middle of the answer. */
  'halfWritten',
  /** The results lack their last line. */
  'missingLine',
  /** The results have a line that nobody asked for. */
  'unknownLine',
  /** The first result has a status that nobody knows. */
  'unknownStatus',
] as const;

export type FaultKind = (typeof FAULTS)[number];

const faultForm = z.strictObject({
  fault: z.enum(FAULTS),
  /** Requests that meet it, one after another. */
  times: z.int().min(1).max(INTERMEDIARY_FAULTS_MAX).default(1),
  /** Of a delay. */
  ms: z.int().min(0).max(INTERMEDIARY_FAULT_MS_MAX).default(0),
});

/** What goes wrong: faults for the next requests, and bodies to which there is no route until said otherwise. */
export const faultPlanForm = z.strictObject({
  faults: z.array(faultForm).max(INTERMEDIARY_FAULTS_MAX).default([]),
  outages: z.array(bodyCode).default([]),
});

export interface Fault {
  readonly fault: FaultKind;
  readonly ms: number;
}

/** Faults that wait for requests for messages and batches; health and control never meet one. */
export class FaultPlan {
  #waiting: Fault[] = [];
  #overtaken: (() => void) | undefined;

  set(faults: readonly z.output<typeof faultForm>[]): void {
    this.#waiting = faults.flatMap(({ fault, times, ms }) =>
      Array.from({ length: times }, () => ({ fault, ms })),
    );
  }

  next(): Fault | undefined {
    return this.#waiting.shift();
  }

  /** Waits until the next message has been handled, or for INTERMEDIARY_FAULT_MS_MAX. */
  async beOvertaken(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, INTERMEDIARY_FAULT_MS_MAX);
      this.#overtaken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A message has been handled. */
  overtake(): void {
    this.#overtaken?.();
    this.#overtaken = undefined;
  }
}
