import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endedOrHangs, SharedFlush } from '../../src/audit/flush.js';
import type { Session } from '../../src/kernel/database/database.js';
import { AUDIT_FLUSH_MS_MAX } from '../../src/kernel/limits.js';

/** A database whose flushes end when the test says so. */
class SlowDisk implements Session {
  readonly flushes: { end: () => void; fail: (reason: Error) => void }[] = [];

  run<T>(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.flushes.push({ end: () => resolve(undefined as T), fail: reject });
    });
  }
}

/** Whether a promise has resolved by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  const over = Symbol('over');
  const pending = new Promise((resolve) => {
    setImmediate(resolve);
  });
  return (await Promise.race([promise.then(() => over), pending])) === over;
}

describe('a shared flush', () => {
  it('begins at once when none is under way', async () => {
    const disk = new SlowDisk();
    const first = new SharedFlush(disk).flushed();
    expect(disk.flushes).toHaveLength(1);
    disk.flushes[0]?.end();
    await first;
  });

  it('lets everybody who comes during one wait for the next, which is one for all', async () => {
    const disk = new SlowDisk();
    const flush = new SharedFlush(disk);
    const first = flush.flushed();
    const later = [flush.flushed(), flush.flushed(), flush.flushed()];
    disk.flushes[0]?.end();
    await first;
    // What began before their commit says nothing about it.
    for (const each of later) expect(await isOver(each)).toBe(false);
    expect(disk.flushes).toHaveLength(2);
    disk.flushes[1]?.end();
    await Promise.all(later);
    expect(disk.flushes).toHaveLength(2);
  });

  it('does not answer who comes between the end of one and the begin of the next with the one that ended', async () => {
    const disk = new SlowDisk();
    const flush = new SharedFlush(disk);
    const first = flush.flushed();
    const second = flush.flushed();
    let third: Promise<void> | undefined;
    void first.then(() => {
      third = flush.flushed();
    });
    disk.flushes[0]?.end();
    await first;
    expect(await isOver(third ?? first)).toBe(false);
    disk.flushes[1]?.end();
    await second;
    for (const { end } of disk.flushes.slice(2)) end();
    await third;
  });

  it('fails those who waited for it, and nobody else', async () => {
    const disk = new SlowDisk();
    const flush = new SharedFlush(disk);
    const first = flush.flushed();
    const second = flush.flushed();
    disk.flushes[0]?.fail(new Error('the disk is away'));
    await expect(first).rejects.toThrow('the disk is away');
    expect(await isOver(second)).toBe(false);
    disk.flushes[1]?.end();
    await second;
    const third = flush.flushed();
    disk.flushes[2]?.end();
    await third;
  });
});

describe('a flush that hangs', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('holds up the next for so long and no longer', async () => {
    const disk = new SlowDisk();
    const flush = new SharedFlush(disk);
    void flush.flushed();
    const second = flush.flushed();
    await vi.advanceTimersByTimeAsync(AUDIT_FLUSH_MS_MAX - 1);
    expect(disk.flushes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(disk.flushes).toHaveLength(2);
    disk.flushes[1]?.end();
    await second;
  });

  it('leaves no timer behind once the work has ended', async () => {
    await endedOrHangs(Promise.resolve());
    await endedOrHangs(Promise.reject(new Error('ended badly')));
    expect(vi.getTimerCount()).toBe(0);
  });
});
