import { check, index, text } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { levyLines } from './levy.js';
import { receipts } from './receipt.js';

export const OVERPAYMENT_CAUSES = [
  'doublePayment',
  'excess',
  'mistakenSlip',
  'overassessed',
  'reversed',
] as const;

/** 過誤納金: money to give back, one row per levy line, cause and original receipt (handbook 04). Insert-only, signed. */
export const overpayments = records.table(
  'overpayment',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    levyId: rowRef('levy_id').references(() => levyLines.id),
    receiptId: rowRef('receipt_id')
      .notNull()
      .references(() => receipts.id),
    cause: text('cause', { enum: OVERPAYMENT_CAUSES }).notNull(),
    amount: yenColumn('amount').notNull(),
    aroseOn: day('arose_on').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('overpayment_addressee').on(t.addresseeNo, t.id),
    index('overpayment_receipt').on(t.receiptId),
    yenBounds('overpayment', t.amount),
  ],
);

/** 充当: an overpayment applied to the same person's due and unpaid levy (17条の2). Insert-only. */
export const offsets = records.table(
  'offset_entry',
  {
    id: rowId(),
    overpaymentId: rowRef('overpayment_id')
      .notNull()
      .references(() => overpayments.id),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    amount: yenColumn('amount').notNull(),
    offsetReadyOn: day('offset_ready_on').notNull(),
    bookedOn: day('booked_on').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('offset_entry_overpayment').on(t.overpaymentId), yenBounds('offset_entry', t.amount)],
);

/** 還付(起案): a proposal to pay an overpayment back. Insert-only; its state is that of its decision. */
export const refunds = records.table(
  'refund',
  {
    id: rowId(),
    overpaymentId: rowRef('overpayment_id')
      .notNull()
      .references(() => overpayments.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    amount: yenColumn('amount').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedOn: day('proposed_on').notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('refund_overpayment').on(t.overpaymentId),
    index('refund_addressee').on(t.addresseeNo, t.id),
    yenBounds('refund', t.amount),
    check('refund_amount_positive', sql`${t.amount} > 0`),
  ],
);

/** 還付決定(決裁): the second person's decision on a refund, at most one. Insert-only. */
export const refundDecisions = records.table('refund_decision', {
  refundId: rowRef('refund_id')
    .primaryKey()
    .references(() => refunds.id),
  outcome: text('outcome', { enum: ['approved', 'rejected'] }).notNull(),
  decidedBy: text('decided_by').notNull(),
  decidedOn: day('decided_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});

/** 還付支払: the payment of an approved refund. Insert-only. */
export const refundPayments = records.table('refund_payment', {
  refundId: rowRef('refund_id')
    .primaryKey()
    .references(() => refundDecisions.refundId),
  paidOn: day('paid_on').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});

export const REFUND_STATES = ['proposed', 'approved', 'rejected', 'paid'] as const;

/**
 * 還付の状態: where each refund stands, by its decision and its payment. Derived from the journals by triggers; nobody
 * else writes it, and `kuramori ledger verify` compares it.
 */
export const refundStandings = records.table(
  'refund_standing',
  {
    refundId: rowRef('refund_id').primaryKey(),
    state: text('state', { enum: REFUND_STATES }).notNull(),
  },
  (t) => [
    index('refund_standing_state').on(t.state, t.refundId),
    check('refund_standing_state_known', sql`${t.state} in ('proposed', 'approved', 'rejected', 'paid')`),
  ],
);

/**
 * 過誤納金残高: what of an overpayment was offset, is proposed for refund, was approved, and remains (handbook 04 §1).
 * One row for each overpayment. Derived from the journals by triggers; nobody else writes it, and
 * `kuramori ledger verify` rebuilds and compares it.
 */
export const overpaymentBalances = records.table(
  'overpayment_balance',
  {
    overpaymentId: rowRef('overpayment_id').primaryKey(),
    rootReceiptId: rowRef('root_receipt_id').notNull(),
    offsetOut: yenColumn('offset_out').notNull(),
    refundProposed: yenColumn('refund_proposed').notNull(),
    refundApproved: yenColumn('refund_approved').notNull(),
    refundPaid: yenColumn('refund_paid').notNull(),
    remaining: yenColumn('remaining').notNull(),
  },
  (t) => [
    index('overpayment_balance_open')
      .on(t.overpaymentId)
      .where(sql`remaining > 0`),
    yenBounds('overpayment_balance', t.offsetOut),
    yenBounds('overpayment_balance', t.refundProposed),
    yenBounds('overpayment_balance', t.refundApproved),
    yenBounds('overpayment_balance', t.refundPaid),
    yenBounds('overpayment_balance', t.remaining),
  ],
);
