import { describe, expect, test } from 'vitest';
import { WorkQueue } from '../../../src/access/credential/queue.js';

describe('the work queue', () => {
  test('lets so many run, so many wait, and refuses the rest at once', async () => {
    const queue = new WorkQueue(2, 3);
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => queue.run(work)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    const codes = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
    );
    expect(codes).toEqual(Array(4).fill('TOO_MANY_REQUESTS'));
    expect(most).toBe(2);
  });

  test('gives its places back, also after failures, in the order of arrival', async () => {
    const queue = new WorkQueue(1, 10);
    const order: number[] = [];
    const outcomes = await Promise.allSettled(
      [0, 1, 2, 3].map((n) =>
        queue.run(async () => {
          order.push(n);
          await Promise.resolve();
          if (n % 2 === 0) throw new Error('defect');
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2, 3]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(queue.run(async () => 'again')).resolves.toBe('again');
  });
});
