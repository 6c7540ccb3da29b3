import { sql } from 'drizzle-orm';
import { check, foreignKey, text } from 'drizzle-orm/pg-core';
import { instant } from '../columns.js';
import { vault } from './tables.js';

/**
 * 記録簿の再作成: the journal on the disk was made anew, so that payment files may be forgotten which the bank has. Until
 * two officers have compared with the bank nothing is paid; insert-only.
 */
export const rebuiltPaymentJournals = vault.table(
  'payment_journal_rebuilt',
  {
    /** `RB-…`, as the journal has it. */
    rebuildId: text('rebuild_id').primaryKey(),
    rebuiltAt: instant('rebuilt_at').notNull(),
    /** The officer who decided it. */
    decidedBy: text('decided_by').notNull(),
    foundAt: instant('found_at').notNull(),
  },
  () => [check('payment_journal_rebuilt_id_form', sql`rebuild_id ~ '^RB-[0-9a-f-]{36}$'`)],
);

/** 銀行との照合: two officers have compared with the bank since a journal was made anew; insert-only. */
export const comparedPaymentJournals = vault.table(
  'payment_journal_compared',
  {
    rebuildId: text('rebuild_id').primaryKey(),
    /** One approval is about every journal that waited for it. */
    approvalId: text('approval_id').notNull(),
    comparedBy: text('compared_by').notNull(),
    comparedAt: instant('compared_at').notNull(),
  },
  (t) => [
    foreignKey({
      name: 'payment_journal_compared_rebuilt',
      columns: [t.rebuildId],
      foreignColumns: [rebuiltPaymentJournals.rebuildId],
    }),
  ],
);
