import { describe, expect, test } from 'vitest';
import { PUSH_STATE_WORDS } from '../../../schema/records/index.js';
import {
  assertInquirable,
  assertOpen,
  assertSignable,
  cameToNothing,
  type PushStanding,
  type RefundToPay,
} from '../../../src/collection/push/push.js';
import { PUSH_STATES } from '../../../src/protocol/push.js';

const UNTIL = 60_000;
const LOCAL = ['WAITING', 'HANDED_OVER', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED', 'CANCELLED'] as const;
const states: readonly PushStanding[] = [...new Set([...LOCAL, ...PUSH_STATES])];
const allowed = (work: () => void): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFLICT', facts: { field: 'pushRequestId' } });
    return false;
  }
};

describe('the states of a push', () => {
  test('are those of the table, and every state of the vault is one of them', () => {
    expect(new Set(PUSH_STATE_WORDS)).toEqual(new Set(states));
  });

  test('let it be signed again when the vault never had it and no signature is on its way', () => {
    const signable = (now: number, atVault = false) =>
      LOCAL.filter((state) => allowed(() => assertSignable({ state, atVault, validUntil: UNTIL }, now)));
    expect(signable(UNTIL - 1)).toEqual(['AWAITING_SIGNATURE', 'NOT_ACCEPTED']);
    // Its signature has ended, and no worker was there to say so.
    expect(signable(UNTIL)).toEqual(['WAITING', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED']);
    expect(signable(UNTIL, true)).toEqual([]);
  });

  test('let it be cancelled until it has ended', () => {
    expect(states.filter((state) => !allowed(() => assertOpen({ state })))).toEqual([
      'CANCELLED',
      'DONE',
      'REFUSED',
      'FAILED',
      'EXPIRED',
    ]);
  });

  test('let the same be asked for once more when nothing came of it', () => {
    expect(states.filter(cameToNothing)).toEqual([
      'NOT_ACCEPTED',
      'CANCELLED',
      'REFUSED',
      'FAILED',
      'EXPIRED',
    ]);
  });
});

describe('a refund', () => {
  const approved = { addresseeNo: 'A1', outcome: 'approved', isPaid: false, inquiries: [] } as const;
  const inquirable = (change: Partial<RefundToPay>) => {
    try {
      assertInquirable({ ...approved, ...change });
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONFLICT', facts: { field: 'refundId' } });
      return false;
    }
  };

  test('has its account inquired after the decision and before the payment', () => {
    expect(inquirable({})).toBe(true);
    expect(inquirable({ outcome: null })).toBe(false);
    expect(inquirable({ outcome: 'rejected' })).toBe(false);
    expect(inquirable({ isPaid: true })).toBe(false);
  });

  test('has it inquired once, unless nothing came of it', () => {
    expect(inquirable({ inquiries: ['NOT_ACCEPTED', 'FAILED', 'REFUSED', 'EXPIRED', 'CANCELLED'] })).toBe(
      true,
    );
    for (const state of states.filter((each) => !cameToNothing(each)))
      expect(inquirable({ inquiries: ['FAILED', state] })).toBe(false);
  });
});
