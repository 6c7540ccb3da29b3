import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { keepTransfers } from '../../../src/vault/transfer/keep.js';
import type { TransferFault } from '../../../src/vault/transfer/transfers.js';

const round = vi.fn<() => Promise<readonly TransferFault[]>>();
const close = vi.fn<() => Promise<void>>();
const warn = vi.fn<(facts: unknown, text: string) => void>();
let inService = true;
const ROUND_MS = 45_000;
const keep = () => keepTransfers({ round, close }, () => inService, { warn } as never, ROUND_MS);
const tick = () => vi.advanceTimersByTimeAsync(ROUND_MS);
const told = () => warn.mock.calls.map(([facts]) => facts);

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetAllMocks();
  inService = true;
  round.mockResolvedValue([]);
});
afterEach(() => void vi.useRealTimers());

describe('what transfers do by themselves', () => {
  test('is done again and again while the vault is in service, and ended with it', async () => {
    inService = false;
    const end = keep();
    await tick();
    expect(round).not.toHaveBeenCalled();
    inService = true;
    await tick();
    await tick();
    expect(round).toHaveBeenCalledTimes(2);
    await end();
    await tick();
    expect(round).toHaveBeenCalledTimes(2);
    expect(close).toHaveBeenCalledOnce();
  });

  test('waits for the round before it', async () => {
    const long = Promise.withResolvers<readonly TransferFault[]>();
    round.mockReturnValueOnce(long.promise);
    const end = keep();
    await tick();
    await tick();
    expect(round).toHaveBeenCalledOnce();
    long.resolve([]);
    await tick();
    expect(round).toHaveBeenCalledTimes(2);
    await end();
  });

  test('goes on whatever fails, which is told by its code alone', async () => {
    round.mockRejectedValueOnce(new KuramoriError('DATABASE_UNAVAILABLE', 'Away.'));
    round.mockRejectedValueOnce(new Error('a sentence from outside'));
    round.mockResolvedValueOnce([{ what: 'deliver', code: 'TIMEOUT' }]);
    const end = keep();
    await tick();
    await tick();
    await tick();
    expect(told()).toEqual([
      { code: 'DATABASE_UNAVAILABLE' },
      { code: 'INTERNAL' },
      { what: 'deliver', code: 'TIMEOUT' },
    ]);
    await end();
  });
});
