import { databaseUnavailable } from './errors.js';

/**
 * A server that is frozen cannot keep its own time limit: the wait is bounded here as well.
 * @throws KuramoriError DATABASE_UNAVAILABLE
 */
export async function withinDeadline<T>(
  statement: string,
  work: PromiseLike<T>,
  deadlineMs: number | undefined,
): Promise<T> {
  if (deadlineMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(databaseUnavailable(statement));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
