import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertDecidable,
  assertProposable,
  refundable,
  type OverpaymentStanding,
} from '../../../src/collection/refund/refund.js';

const yen = fc.bigInt({ min: 0n, max: 10_000_000n });
const standing = fc.record({ amount: fc.constant(10_000_000n), remaining: yen, dueUnpaid: yen });

function code(work: () => void): string {
  try {
    work();
    return 'allowed';
  } catch (error) {
    const { code: found, facts } = error as { code: string; facts: { field?: string } };
    return `${found} ${facts.field ?? ''}`;
  }
}

const propose = (change: Partial<OverpaymentStanding>, amount: bigint, offsetRuledOut = false) =>
  code(() =>
    assertProposable(
      { amount: 45_000n, remaining: 45_000n, dueUnpaid: 0n, ...change },
      amount,
      offsetRuledOut,
    ),
  );

describe('proposing a refund (17条, 17条の2; handbook 04)', () => {
  it('allows what remains and less; there is no least amount (handbook 04 §4)', () => {
    expect(propose({}, 45_000n)).toBe('allowed');
    expect(propose({}, 1n)).toBe('allowed');
  });

  it('refuses no yen and negative yen', () => {
    expect(propose({}, 0n)).toBe('BAD_INPUT amount');
    expect(propose({}, -1n)).toBe('BAD_INPUT amount');
  });

  it('refuses more than remains after what was offset, proposed and approved', () => {
    expect(propose({ remaining: 44_999n }, 45_000n)).toBe('CONFLICT amount');
  });

  it('refuses when a reversal took the overpayment back', () => {
    expect(propose({ amount: -45_000n, remaining: 0n }, 1n)).toBe('CONFLICT overpaymentId');
  });

  it('puts the offset first: 45,000 overpaid, 60,000 due and unpaid, nothing to refund (handbook 04 §2)', () => {
    expect(refundable({ amount: 45_000n, remaining: 45_000n, dueUnpaid: 60_000n })).toBe(0n);
    expect(propose({ dueUnpaid: 60_000n }, 1n)).toBe('CONFLICT noOffsetReason');
  });

  it('refunds what is left after the offset, and all of it when somebody wrote why no offset is possible', () => {
    expect(propose({ dueUnpaid: 40_000n }, 5_000n)).toBe('allowed');
    expect(propose({ dueUnpaid: 40_000n }, 5_001n)).toBe('CONFLICT noOffsetReason');
    expect(propose({ dueUnpaid: 40_000n }, 45_000n, true)).toBe('allowed');
  });

  it('never allows more than remains, and never without grounds more than is left after the offset', () => {
    fc.assert(
      fc.property(standing, yen, fc.boolean(), (given, amount, ruledOut) => {
        const allowed = code(() => assertProposable(given, amount, ruledOut)) === 'allowed';
        expect(allowed).toBe(amount > 0n && amount <= (ruledOut ? given.remaining : refundable(given)));
        expect(refundable(given)).toBeGreaterThanOrEqual(0n);
      }),
    );
  });
});

describe('deciding a refund (handbook 15 §6.3)', () => {
  const decide = (outcome: 'approved' | 'rejected' | undefined, decider: string) =>
    code(() => assertDecidable({ proposerPerson: 'person-1', outcome }, decider));

  it('is for another person, once', () => {
    expect(decide(undefined, 'person-2')).toBe('allowed');
    expect(decide(undefined, 'person-1')).toBe('DUAL_CONTROL_REQUIRED refundId');
    expect(decide('approved', 'person-2')).toBe('CONFLICT refundId');
    expect(decide('rejected', 'person-2')).toBe('CONFLICT refundId');
  });
});
