import { sql } from 'drizzle-orm';
import { check, index, primaryKey, text } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { levyLines } from './levy.js';
import { writeOffProposals } from './writeOff.js';

/** 不納欠損の取消(起案): a proposal to take back what was written off in error. Insert-only. */
export const writeOffReversals = records.table(
  'write_off_reversal',
  {
    id: rowId(),
    /** The approved proposal that wrote it off. */
    proposalId: rowRef('proposal_id')
      .notNull()
      .references(() => writeOffProposals.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    /** What its lines owe again, over all components. */
    amount: yenColumn('amount').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedOn: day('proposed_on').notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('write_off_reversal_of').on(t.proposalId),
    index('write_off_reversal_addressee').on(t.addresseeNo, t.id),
    yenBounds('write_off_reversal', t.amount),
    check('write_off_reversal_amount_positive', sql`${t.amount} > 0`),
  ],
);

/** 取消に係る期別: a line whose write-off is taken back, whole. Insert-only. */
export const writeOffReversalLines = records.table(
  'write_off_reversal_line',
  {
    reversalId: rowRef('reversal_id')
      .notNull()
      .references(() => writeOffReversals.id),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
  },
  (t) => [
    primaryKey({ columns: [t.reversalId, t.levyId] }),
    index('write_off_reversal_line_levy').on(t.levyId),
  ],
);

/** 不納欠損の取消決定(決裁): the second person's decision, at most one. An approval books it. Insert-only. */
export const writeOffReversalDecisions = records.table('write_off_reversal_decision', {
  reversalId: rowRef('reversal_id')
    .primaryKey()
    .references(() => writeOffReversals.id),
  outcome: text('outcome', { enum: ['approved', 'rejected'] }).notNull(),
  decidedBy: text('decided_by').notNull(),
  decidedOn: day('decided_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});
