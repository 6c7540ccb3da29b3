import { afterAll, describe, expect, test, vi } from 'vitest';
import { acquireCodeRequest, newPushRequestId } from '../../../src/client/index.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { PUSH_FAULT_PAUSE_MS, PUSHES_UNDER_WAY_MAX } from '../../../src/kernel/limits.js';
import type { VaultContext } from '../../../src/vault/context.js';
import type { Exchange } from '../../../src/vault/intermediary/intermediary.js';
import { PushDesk } from '../../../src/vault/push/desk.js';
import { runPushes } from '../../../src/vault/push/runner.js';
import { codeOf, done } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';
import { pushing } from './support/pushing.js';

const it = await pushing();
const { vault, peer } = it;
await it.runner.stop();
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
const logger = { warn: vi.fn<(facts: unknown, sentence?: string) => void>() };
let broken: Error | undefined;
const database = Object.assign(Object.create(vault.context.database) as VaultContext['database'], {
  run: (...call: Parameters<VaultContext['database']['run']>) =>
    broken === undefined ? vault.context.database.run(...call) : Promise.reject(broken),
});
const running = runPushes({ ...vault.context, database }, () => true, logger)!;
afterAll(() => running.stop());
const accepted = async () => {
  const { pushRequestId, answer } = await it.acquire(ref, UNIFIED);
  done(answer);
  return pushRequestId;
};
const last = async (id: string) => (await it.history(id)).at(-1);
/** Puts another request in the place of a push's own. @returns the one before */
const requestOf = async (id: string, to: string) => {
  const [row] = await vault.databases.owner.vault.run(
    'test.request',
    ({ raw }) => raw<{ ref: string }[]>`
    update vault.push p set request_ref = ${to} from vault.push before
    where p.push_request_id = ${id} and before.push_request_id = ${id} returning before.request_ref as ref`,
  );
  return row!.ref;
};

describe('the runner', () => {
  test('puts a push aside that meets a fault, tells of it, goes on with others, and tries it again', async () => {
    const faults = () => logger.warn.mock.calls.filter(([, sentence]) => sentence?.includes('taken on'));
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      broken = new Error('away');
      const [id, other] = [await accepted(), await accepted()];
      const sound = await requestOf(id, 'vr_00000000000000000000000000');
      broken = undefined;
      await running.settled();
      expect(await last(id)).toBe('ACCEPTED ACCEPTED');
      expect(await last(other)).toBe('DONE OK');
      expect(faults().map(([facts]) => facts)).toEqual([{ code: 'INTEGRITY_FAILURE' }]);
      await requestOf(id, sound);
      await running.settled();
      expect(await last(id)).toBe('ACCEPTED ACCEPTED');
      vi.advanceTimersByTime(PUSH_FAULT_PAUSE_MS);
      await running.settled();
      expect(await last(id)).toBe('DONE OK');
      expect(faults()).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    [new Error('defect'), 'INTERNAL'],
    [new KuramoriError('DATABASE_ERROR', 'Away.'), 'DATABASE_ERROR'],
  ])('that cannot look (%s) tells of it without its words, and looks again', async (error, code) => {
    broken = error;
    logger.warn.mockClear();
    const id = await accepted();
    await running.settled();
    expect(logger.warn.mock.calls).toContainEqual([{ code }, expect.stringContaining('looked for')]);
    expect(await last(id)).toBe('ACCEPTED ACCEPTED');
    broken = undefined;
    await running.settled();
    expect(await last(id)).toBe('DONE OK');
  });

  test('carries out a bounded number at a time, and the rest as soon as one ends', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let [now, most] = [0, 0];
    const send = vi.spyOn(peer, 'send').mockImplementation(async (): Promise<Exchange> => {
      most = Math.max(most, (now += 1));
      await released;
      now -= 1;
      return { kind: 'notReached' };
    });
    const ids: string[] = [];
    for (let n = 0; n < PUSHES_UNDER_WAY_MAX + 2; n += 1) ids.push(await accepted());
    await expect.poll(() => now).toBe(PUSHES_UNDER_WAY_MAX);
    for (let wakes = 0; wakes < 20; wakes += 1) vault.context.pushes.wake();
    const states = async () => Promise.all(ids.map(last));
    expect((await states()).filter((state) => state === 'ACCEPTED ACCEPTED')).toHaveLength(2);
    release();
    await running.settled();
    expect(new Set(await states())).toEqual(new Set(['RETRY_WAIT NOT_REACHED']));
    expect(most).toBe(PUSHES_UNDER_WAY_MAX);
    expect(send).toHaveBeenCalledTimes(ids.length);
    send.mockRestore();
  });
});

const alone = await testService();

test('a vault without an intermediary server takes no push, and runs none', async () => {
  const { key, context } = await alone.person('P-1029', ['register', 'push']);
  const details = { ...context, ref, unifiedAddresseeNo: UNIFIED, pushRequestId: newPushRequestId() };
  expect(codeOf(await alone.run(await acquireCodeRequest(key, details)))).toBe('CONFIGURATION_INVALID');
  expect(runPushes(alone.context, () => true, logger)).toBeUndefined();
  // Whoever wakes nobody is no fault.
  expect(() => new PushDesk(undefined).wake()).not.toThrow();
});
