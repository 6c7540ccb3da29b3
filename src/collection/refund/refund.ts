import { KuramoriError } from '../../kernel/errors.js';
import { maxYen, type Yen } from '../../kernel/yen.js';

/** What an overpayment stands at when somebody wants to give it back. */
export interface OverpaymentStanding {
  /** What was overpaid; 0 or less on the row that takes a reversed receipt's overpayment back. */
  readonly amount: Yen;
  /** What is neither offset nor proposed or approved for refund. */
  readonly remaining: Yen;
  /** 充当すべき未納額: what the same person owes on due and unpaid lines of the same legal family. */
  readonly dueUnpaid: Yen;
}

/** A refund as its decision sees it. Persons count, not accounts (handbook 15 §2). */
export interface RefundStanding {
  readonly proposerPerson: string;
  readonly outcome: 'approved' | 'rejected' | undefined;
}

/**
 * What may be refunded: 充当 comes first and is an obligation (17条の2 ①, handbook 04 §2).
 * @returns yen, never below 0
 */
export function refundable({ remaining, dueUnpaid }: OverpaymentStanding): Yen {
  return maxYen(0n, remaining - dueUnpaid);
}

/**
 * Whether a refund of the amount may be proposed. There is no least amount (handbook 04 §4).
 * @param offsetRuledOut somebody recorded why the due and unpaid lines take no offset (徴収猶予 and the like)
 * @throws KuramoriError BAD_INPUT or CONFLICT naming the field
 */
export function assertProposable(standing: OverpaymentStanding, amount: Yen, offsetRuledOut: boolean): void {
  if (amount <= 0n)
    throw new KuramoriError('BAD_INPUT', 'A refund must be of 1 yen or more.', { field: 'amount' });
  if (standing.amount <= 0n) {
    throw new KuramoriError(
      'CONFLICT',
      'The overpayment was taken back by a reversal. Nothing can be refunded.',
      {
        field: 'overpaymentId',
      },
    );
  }
  if (amount > standing.remaining) {
    throw new KuramoriError(
      'CONFLICT',
      'The refund is more than the overpayment has left. Propose what remains or less.',
      {
        field: 'amount',
      },
    );
  }
  if (!offsetRuledOut && amount > refundable(standing)) {
    throw new KuramoriError(
      'CONFLICT',
      'The person has due and unpaid levies, to which the overpayment must be applied first (充当). ' +
        'Propose only what is left after that, or say why no offset is possible.',
      { field: 'noOffsetReason' },
    );
  }
}

/**
 * Whether a person may decide a refund: once, and never who proposed it.
 * @throws KuramoriError CONFLICT or DUAL_CONTROL_REQUIRED
 */
export function assertDecidable(refund: RefundStanding, deciderPerson: string): void {
  if (refund.outcome !== undefined) {
    throw new KuramoriError('CONFLICT', 'The refund was decided already. Read it again.', {
      field: 'refundId',
    });
  }
  if (refund.proposerPerson === deciderPerson) {
    throw new KuramoriError(
      'DUAL_CONTROL_REQUIRED',
      'Who proposed a refund does not decide it. Another person must.',
      {
        field: 'refundId',
      },
    );
  }
}
