import { sql } from 'drizzle-orm';
import { bigint, check, integer, text } from 'drizzle-orm/pg-core';
import { day, instant } from '../columns.js';
import { vault } from './tables.js';

/**
 * 復元で失われた振込データ: a payment file that the journal on the disk has and a restored database had not. Until two
 * people have compared it with the bank nothing is paid; insert-only.
 */
export const lostPaymentFiles = vault.table(
  'payment_file_lost',
  {
    /** Of its bytes, `sha256:` and hexadecimal. */
    sha256: text('sha256').primaryKey(),
    fileNo: integer('file_no').notNull(),
    payOn: day('pay_on').notNull(),
    count: integer('count').notNull(),
    totalYen: bigint('total_yen', { mode: 'bigint' }).notNull(),
    /** Whom it pays, in the order of its records. */
    refundIds: text('refund_ids').array().notNull(),
    madeBy: text('made_by').notNull(),
    madeAt: instant('made_at').notNull(),
    foundAt: instant('found_at').notNull(),
  },
  () => [check('payment_file_lost_count', sql`count = cardinality(refund_ids)`)],
);

/** 銀行との照合: what two people found of a lost file at the bank; insert-only. */
export const comparedPaymentFiles = vault.table(
  'payment_file_compared',
  {
    sha256: text('sha256')
      .primaryKey()
      .references(() => lostPaymentFiles.sha256),
    outcome: text('outcome').notNull(),
    approvalId: text('approval_id').notNull().unique('payment_file_compared_approval'),
    comparedBy: text('compared_by').notNull(),
    comparedAt: instant('compared_at').notNull(),
  },
  () => [check('payment_file_compared_outcome_known', sql`outcome in ('paid', 'notPaid')`)],
);
