import { describe, expect, test } from 'vitest';
import { TRANSFER_STATES } from '../../../schema/records/index.js';
import { deltaEffect } from '../../../src/collection/transfer/delta.js';
import {
  assertMayWithdraw,
  isLocked,
  mayFollow,
  statesBefore,
} from '../../../src/collection/transfer/states.js';

describe('the life of a case in a transfer (handbook 13 §3)', () => {
  test('goes its way, by medium or by HTTPS', () => {
    const way = [
      'candidate',
      'noticed',
      'frozen',
      'approved',
      'assembled',
      'sealed',
      'released',
      'inCarry',
      'delivered',
      'active',
      'resultReceived',
      'reconciled',
      'closed',
    ] as const;
    way.slice(1).forEach((to, at) => expect(mayFollow(way[at]!, to)).toBe(true));
    expect(mayFollow('released', 'delivered')).toBe(true);
    expect(mayFollow('resultReceived', 'resultReceived')).toBe(true);
  });

  test('may be aborted before the delivery and never after it', () => {
    const before = TRANSFER_STATES.slice(0, TRANSFER_STATES.indexOf('delivered'));
    expect(statesBefore('aborted')).toEqual(before);
  });

  test('ends: nothing follows a rejection, a closing or an abortion', () => {
    for (const end of ['rejected', 'closed', 'aborted'] as const)
      expect(TRANSFER_STATES.filter((to) => mayFollow(end, to))).toEqual([]);
  });

  test('can be left by one person only before the freeze', () => {
    const refused = TRANSFER_STATES.filter((state) => {
      try {
        assertMayWithdraw(state);
        return false;
      } catch {
        return true;
      }
    });
    expect(refused).toEqual(TRANSFER_STATES.slice(2));
  });

  test('holds the lock from acceptance to the closing', () => {
    expect(TRANSFER_STATES.filter(isLocked)).toEqual(['active', 'resultReceived', 'reconciled']);
  });
});

describe('a payment', () => {
  test.each([
    ['candidate', 1_000n, 'none', 1_000n],
    ['frozen', 400n, 'reduces', 600n],
    ['delivered', 1_000n, 'drops', 0n],
    ['sealed', 1_001n, 'drops', 0n],
    ['active', 1_000n, 'forwards', 0n],
    ['resultReceived', 400n, 'forwards', 600n],
    ['rejected', 400n, 'none', 1_000n],
  ] as const)('while the case is %s, of %s yen: %s', (state, amount, effect, unpaid) => {
    expect(deltaEffect(state, 1_000n, amount)).toEqual({ effect, unpaid });
  });

  test('that is undone raises what is left', () => {
    expect(deltaEffect('active', 600n, -400n)).toEqual({ effect: 'forwards', unpaid: 1_000n });
  });
});
