import { isKuramoriError, KuramoriError } from '../../src/kernel/errors.js';
import type { Child } from './children.js';

/** What a process says when it could not do what it was told. */
interface OrderFailure {
  readonly failure: string;
}

/** In a process of the measurement: does what its parent tells it, one thing after the other, and reports. */
export function takeOrders(work: (order: unknown) => Promise<unknown>): void {
  process.on('message', (order) => {
    work(order).then(
      (report) => process.send?.(report ?? {}),
      (failure: unknown) => process.send?.({ failure: told(failure) } satisfies OrderFailure),
    );
  });
}

/** In the parent. @throws KuramoriError INTERNAL with what the process says it could not do */
export async function order<Report>(child: Child, what: object): Promise<Report> {
  const report = (await child.ask(what)) as Report | OrderFailure;
  if (typeof report === 'object' && report !== null && 'failure' in report)
    throw new KuramoriError('INTERNAL', report.failure);
  return report;
}

/** Runs work on everything, so many at once. @throws what the first failure threw, once nothing more is begun */
export async function atOnce<T>(
  callers: number,
  all: readonly T[],
  work: (one: T, at: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const call = async () => {
    while (next < all.length && !failed) {
      const at = next;
      next += 1;
      try {
        await work(all[at] as T, at);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
}

function told(failure: unknown): string {
  return isKuramoriError(failure) ? `${failure.code}: ${failure.message}` : String(failure);
}
