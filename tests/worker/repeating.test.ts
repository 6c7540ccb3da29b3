import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WORKER_FAILURE_PAUSE_MS, WORKER_FAILURE_PAUSE_MS_MAX } from '../../src/kernel/limits.js';
import { Repeating, type Step } from '../../src/worker/repeating.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function repeating(step: Step) {
  const told: string[] = [];
  const succeeded = () => void told.push('succeeded');
  const failed = (error: unknown) => void told.push((error as Error).message);
  return { told, work: new Repeating(step, { succeeded, failed }) };
}

describe('a step that is repeated', () => {
  test('comes again after the pause it asks for', async () => {
    let steps = 0;
    const { work, told } = repeating(() => Promise.resolve(++steps && 100));
    await vi.advanceTimersByTimeAsync(0);
    expect(steps).toBe(1);
    await vi.advanceTimersByTimeAsync(99);
    expect(steps).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(steps).toBe(2);
    expect(told).toEqual(['succeeded', 'succeeded']);
    await work.stop();
  });

  test('comes at once when it is woken, and not twice', async () => {
    let steps = 0;
    const { work } = repeating(() => Promise.resolve(++steps && 1_000));
    await vi.advanceTimersByTimeAsync(0);
    work.wake();
    work.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(steps).toBe(2);
    await work.stop();
  });

  test('waits longer each time it fails, and is told of as failing', async () => {
    let steps = 0;
    const { work, told } = repeating(() => Promise.reject(new Error(`failure ${++steps}`)));
    await vi.advanceTimersByTimeAsync(0);
    expect(steps).toBe(1);
    await vi.advanceTimersByTimeAsync(WORKER_FAILURE_PAUSE_MS);
    expect(steps).toBe(2);
    await vi.advanceTimersByTimeAsync(2 * WORKER_FAILURE_PAUSE_MS - 1);
    expect(steps).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(['failure 1', 'failure 2', 'failure 3']);
    await vi.advanceTimersByTimeAsync(100 * WORKER_FAILURE_PAUSE_MS_MAX);
    expect(steps).toBeGreaterThan(100);
    await work.stop();
  });

  test('is finished when it is stopped in the middle, and comes no more', async () => {
    let [begun, ended] = [0, 0];
    const { work } = repeating(async () => {
      begun += 1;
      await new Promise((resolve) => setTimeout(resolve, 500));
      ended += 1;
      return 0;
    });
    await vi.advanceTimersByTimeAsync(100);
    const stopped = work.stop();
    await vi.advanceTimersByTimeAsync(400);
    await stopped;
    await vi.advanceTimersByTimeAsync(5_000);
    expect([begun, ended]).toEqual([1, 1]);
  });

  test('that was stopped before its first time never comes', async () => {
    let steps = 0;
    const { work } = repeating(() => Promise.resolve(++steps));
    await work.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(steps).toBe(0);
  });
});
