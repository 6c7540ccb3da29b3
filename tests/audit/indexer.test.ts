import type { Logger } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Indexer } from '../../src/audit/indexer.js';
import type { Session } from '../../src/kernel/database/database.js';
import {
  AUDIT_BUSY_RECORDS,
  AUDIT_CATCH_UP_STEP_RECORDS,
  AUDIT_INDEX_BEHIND_RECORDS_MAX,
  AUDIT_INDEX_INTERVAL_MS,
} from '../../src/kernel/limits.js';

/** A log that is so many records behind and enters a step at each call. */
class Behind {
  left = 0n;
  calls = 0;
  failure: Error | undefined;
  readonly session = { run: () => this.#step() } as unknown as Session;

  async #step(): Promise<{ entered: bigint; behind: bigint }[]> {
    this.calls += 1;
    if (this.failure) throw this.failure;
    const step = BigInt(AUDIT_CATCH_UP_STEP_RECORDS);
    this.left = this.left > step ? this.left - step : 0n;
    return [{ entered: 1n, behind: this.left }];
  }
}

let log = new Behind();
const logger = { warn: vi.fn<Logger['warn']>() };
const open: Indexer[] = [];
const indexerOf = () => {
  const indexer = new Indexer(log.session, logger);
  open.push(indexer);
  return indexer;
};
const append = (indexer: Indexer, records: number) => {
  log.left += BigInt(records);
  indexer.appended(records);
};
const interval = () => vi.advanceTimersByTimeAsync(AUDIT_INDEX_INTERVAL_MS);

beforeEach(() => {
  vi.useFakeTimers();
  log = new Behind();
  logger.warn.mockReset();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((indexer) => indexer.close()));
  vi.useRealTimers();
});

describe('the indexer', () => {
  it('enters what was appended in steps when the log is quiet, and then rests', async () => {
    const indexer = indexerOf();
    append(indexer, AUDIT_BUSY_RECORDS);
    await interval();
    expect([log.left, log.calls]).toEqual([0n, 1]);
    await interval();
    await interval();
    expect(log.calls).toBe(1);
    append(indexer, 1);
    await interval();
    expect(log.calls).toBe(2);
  });

  it('leaves a busy log alone until it is quiet', async () => {
    const indexer = indexerOf();
    for (let second = 0; second < 3; second += 1) {
      append(indexer, AUDIT_BUSY_RECORDS + 1);
      await interval();
    }
    expect(log.calls).toBe(0);
    await interval();
    expect(log.left).toBe(0n);
    expect(log.calls).toBeGreaterThan(1);
  });

  it('keeps a log that is never quiet from falling further behind than its bound', async () => {
    const indexer = indexerOf();
    const many = Number(AUDIT_INDEX_BEHIND_RECORDS_MAX) + 1_000;
    append(indexer, many);
    await interval();
    expect(log.left).toBe(AUDIT_INDEX_BEHIND_RECORDS_MAX);
  });

  it('says that it cannot, and tries again', async () => {
    const indexer = indexerOf();
    log.failure = new Error('away');
    append(indexer, 5);
    await interval();
    expect(logger.warn).toHaveBeenCalledWith({ code: 'INTERNAL' }, expect.stringContaining('tried again'));
    log.failure = undefined;
    await interval();
    expect(log.left).toBe(0n);
  });

  it('begins nothing more once it is closed', async () => {
    const indexer = indexerOf();
    append(indexer, 5);
    await indexer.close();
    await interval();
    append(indexer, 5);
    await interval();
    expect(log.calls).toBe(0);
  });
});
