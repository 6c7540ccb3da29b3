import { describe, expect, test } from 'vitest';
import type { Call, CallOutcome } from '../../../src/vault/intermediary/transport.js';
import { lookAt } from '../../../src/vault/intermediary/lists.js';

const NOTICES = { notices: [{ noticeId: 'OSR-1', from: '2026-06-01', to: '2026-07-31', text: '切替' }] };
const answered = (said: unknown, status = 200): CallOutcome => ({
  status,
  bytes: Buffer.isBuffer(said) ? said : Buffer.from(JSON.stringify(said)),
});

async function look(outcome: CallOutcome, more = {}) {
  const calls: Call[] = [];
  const call = (one: Call) => {
    calls.push(one);
    return Promise.resolve(outcome);
  };
  return { looked: await lookAt({ call }, 'notices', more), calls };
}

describe('a list of the intermediary server', () => {
  test('is read in its form, and what a later release adds is let through', async () => {
    const { looked, calls } = await look(answered({ ...NOTICES, more: true }));
    expect(looked).toEqual(NOTICES);
    expect(calls).toEqual([{ method: 'GET', path: '/v1/notices?' }]);
  });

  test('with people in it names who reads it', async () => {
    const person = { personId: 'P-1029', unit: 'nozei' };
    const { calls } = await look(answered(NOTICES), { query: { from: '2026-06-01' }, person });
    expect(calls).toEqual([
      {
        method: 'GET',
        path: '/v1/notices?from=2026-06-01',
        headers: { 'spi-person': 'P-1029', 'spi-unit': 'nozei' },
      },
    ]);
  });

  test.each([
    ['nobody is reached', 'notReached', 'notReached'],
    ['nothing comes', 'noAnswer', 'noAnswer'],
    ['the server refuses', answered({ error: {} }, 401), 'refused'],
    ['the server is out of service', answered(NOTICES, 503), 'noAnswer'],
    ['it is no JSON', answered(Buffer.from('{')), 'noAnswer'],
    ['it is no text', answered(Buffer.from([0xff])), 'noAnswer'],
    ['it has another form', answered({ notices: 'none' }), 'noAnswer'],
  ] as const)('is none when %s', async (_, outcome, expected) => {
    expect((await look(outcome)).looked).toBe(expected);
  });
});
