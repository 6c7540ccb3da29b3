import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, records, rowId, rowRef } from './columns.js';
import { STAY_GROUNDS } from './delinquency.js';
import { levyLines } from './levy.js';

/** 執行停止(起案): a proposal to stay disposition for lines of a person (15条の7①). Insert-only. */
export const stayProposals = records.table(
  'stay_proposal',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    ground: text('ground', { enum: STAY_GROUNDS }).notNull(),
    lineCount: integer('line_count').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedOn: day('proposed_on').notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('stay_proposal_addressee').on(t.addresseeNo, t.id),
    check('stay_proposal_line_count_positive', sql`${t.lineCount} > 0`),
  ],
);

/** 執行停止に係る期別: a line that a proposal names. Insert-only. */
export const stayClaims = records.table(
  'stay_claim',
  {
    proposalId: rowRef('proposal_id')
      .notNull()
      .references(() => stayProposals.id),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
  },
  (t) => [primaryKey({ columns: [t.proposalId, t.levyId] }), index('stay_claim_levy').on(t.levyId)],
);

/** 執行停止決定(決裁): the second person's decision, at most one. An approval enters the stays. Insert-only. */
export const stayDecisions = records.table('stay_decision', {
  proposalId: rowRef('proposal_id')
    .primaryKey()
    .references(() => stayProposals.id),
  outcome: text('outcome', { enum: ['approved', 'rejected'] }).notNull(),
  decidedBy: text('decided_by').notNull(),
  decidedOn: day('decided_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});
