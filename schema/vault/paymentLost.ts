import { sql } from 'drizzle-orm';
import { bigint, check, foreignKey, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { day, instant } from '../columns.js';
import { vault } from './tables.js';

/**
 * 復元で失われた振込データ: a payment file that the journal on the disk has and a restored database had not. Until two
 * people have compared it with the bank nothing is paid; insert-only.
 */
export const lostPaymentFiles = vault.table(
  'payment_file_lost',
  {
    fileNo: integer('file_no').notNull(),
    /** Of its bytes, `sha256:` and hexadecimal. They do not hold the number: another file may have the same. */
    sha256: text('sha256').notNull(),
    payOn: day('pay_on').notNull(),
    count: integer('count').notNull(),
    totalYen: bigint('total_yen', { mode: 'bigint' }).notNull(),
    /** Whom it pays, in the order of its records. */
    refundIds: text('refund_ids').array().notNull(),
    madeBy: text('made_by').notNull(),
    madeAt: instant('made_at').notNull(),
    foundAt: instant('found_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'payment_file_lost_pkey', columns: [t.fileNo, t.sha256] }),
    check('payment_file_lost_count', sql`count = cardinality(refund_ids)`),
  ],
);

/** 銀行との照合: what two people found of a lost file at the bank; insert-only. */
export const comparedPaymentFiles = vault.table(
  'payment_file_compared',
  {
    fileNo: integer('file_no').notNull(),
    sha256: text('sha256').notNull(),
    outcome: text('outcome').notNull(),
    approvalId: text('approval_id').notNull().unique('payment_file_compared_approval'),
    comparedBy: text('compared_by').notNull(),
    comparedAt: instant('compared_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'payment_file_compared_pkey', columns: [t.fileNo, t.sha256] }),
    foreignKey({
      name: 'payment_file_compared_lost',
      columns: [t.fileNo, t.sha256],
      foreignColumns: [lostPaymentFiles.fileNo, lostPaymentFiles.sha256],
    }),
    check('payment_file_compared_outcome_known', sql`outcome in ('paid', 'notPaid')`),
  ],
);
