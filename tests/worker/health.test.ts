import { afterAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/kernel/errors.js';
import { openHealthPoint } from '../../src/worker/health.js';

let fault: ErrorCode | undefined;
const point = await openHealthPoint({ host: '127.0.0.1', port: 0 }, () => fault);
afterAll(() => point.close());
const ask = async (path: string, method = 'GET') => {
  const answer = await fetch(new URL(path, point.address), { method });
  return [answer.status, await answer.json()];
};

describe('the health of a worker', () => {
  test('is told at two places', async () => {
    expect(await ask('/healthz')).toEqual([200, { status: 'alive' }]);
    expect(await ask('/readyz')).toEqual([200, { status: 'ready' }]);
    fault = 'VAULT_SEALED';
    expect(await ask('/healthz')).toEqual([200, { status: 'alive' }]);
    expect(await ask('/readyz')).toEqual([503, { status: 'not ready', code: 'VAULT_SEALED' }]);
  });

  test('is all that is told', async () => {
    for (const [path, method] of [
      ['/', 'GET'],
      ['/healthz?all', 'GET'],
      ['/readyz', 'POST'],
      ['/readyz', 'PUT'],
    ] as const)
      expect(await ask(path, method)).toEqual([404, { status: 'not found' }]);
  });

  test('has a sentence for a port that is taken', async () => {
    const port = Number(new URL(point.address).port);
    await expect(openHealthPoint({ host: '127.0.0.1', port }, () => undefined)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('KURAMORI_WORKER_PORT') as string,
    });
  });
});
