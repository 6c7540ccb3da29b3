import { sql } from 'drizzle-orm';
import { check, index, primaryKey, text } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { executionStays } from './delinquency.js';
import { COMPONENTS, levyLines, WRITE_OFF_CAUSES } from './levy.js';

/** 不納欠損(起案): a proposal to remove extinguished claims of a person from the accounts. Insert-only. */
export const writeOffProposals = records.table(
  'write_off_proposal',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    cause: text('cause', { enum: WRITE_OFF_CAUSES }).notNull(),
    amount: yenColumn('amount').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedOn: day('proposed_on').notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('write_off_proposal_addressee').on(t.addresseeNo, t.id),
    yenBounds('write_off_proposal', t.amount),
    check('write_off_proposal_amount_positive', sql`${t.amount} > 0`),
  ],
);

/**
 * 不納欠損に係る期別: what a line owes of a component, and why it is owed no more. `extinguishedOn` is absent for 即時消滅, which
 * takes effect with the decision; `stayId` names the stay that the cause rests on. Insert-only.
 */
export const writeOffClaims = records.table(
  'write_off_claim',
  {
    proposalId: rowRef('proposal_id')
      .notNull()
      .references(() => writeOffProposals.id),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    component: text('component', { enum: COMPONENTS }).notNull(),
    amount: yenColumn('amount').notNull(),
    extinguishedOn: day('extinguished_on'),
    stayId: rowRef('stay_id').references(() => executionStays.id),
  },
  (t) => [
    primaryKey({ columns: [t.proposalId, t.levyId, t.component] }),
    index('write_off_claim_levy').on(t.levyId),
    yenBounds('write_off_claim', t.amount),
    check('write_off_claim_amount_positive', sql`${t.amount} > 0`),
  ],
);

/** 不納欠損決定(決裁): the second person's decision, at most one. An approval books the write-off. Insert-only. */
export const writeOffDecisions = records.table('write_off_decision', {
  proposalId: rowRef('proposal_id')
    .primaryKey()
    .references(() => writeOffProposals.id),
  outcome: text('outcome', { enum: ['approved', 'rejected'] }).notNull(),
  decidedBy: text('decided_by').notNull(),
  decidedOn: day('decided_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});
