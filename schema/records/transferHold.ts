import { sql } from 'drizzle-orm';
import { check, index, integer, text, uuid } from 'drizzle-orm/pg-core';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { changeId, transferRounds } from './transfer.js';

/** Why a portion of a result is held (handbook 13 §8). */
export const HOLD_CODES = [
  'unknownCase',
  'unknownLine',
  'reportedTwice',
  'partsDiffer',
  'futureDay',
  'futureTime',
  'beforeHandOver',
  'exceedsTax',
  'exceedsFee',
  'otherDisposition',
  'endOfNothing',
  'endsBeforeBegin',
  'endsOtherwise',
  'tooManyRows',
  'malformed',
  'unreadable',
  'earlierHeld',
] as const;

/**
 * 実績の保留: what a result says of one case, or, without a case, the whole result, which the records have not taken, with
 * the place of the row that cannot be so. Insert-only.
 */
export const transferHolds = records.table(
  'transfer_hold',
  {
    id: rowId(),
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    resultId: uuid('result_id').notNull(),
    seriesNo: integer('series_no').notNull(),
    caseNo: text('case_no'),
    code: text('code', { enum: HOLD_CODES }).notNull(),
    file: text('file'),
    rowNo: integer('row_no'),
    collected: yenColumn('collected').notNull(),
    heldOn: day('held_on').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('transfer_hold_round').on(t.roundId, t.seriesNo, t.id),
    yenBounds('transfer_hold', t.collected),
    check(
      'transfer_hold_code_known',
      sql`${t.code} in (${sql.raw(HOLD_CODES.map((word) => `'${word}'`).join(', '))})`,
    ),
  ],
);

/** How a hold ended by itself: what was held is taken, or is held for another reason. */
export const HOLD_ENDS = ['taken', 'heldAnew'] as const;

/** 保留の終了. Insert-only. */
export const transferHoldEnds = records.table(
  'transfer_hold_end',
  {
    holdId: rowRef('hold_id')
      .primaryKey()
      .references(() => transferHolds.id),
    outcome: text('outcome', { enum: HOLD_ENDS }).notNull(),
    changeId: changeId(),
  },
  (t) => [check('transfer_hold_end_outcome_known', sql`${t.outcome} in ('taken', 'heldAnew')`)],
);

/** 保留の除外（起案）: a proposal to leave out what is held, for good. Insert-only. */
export const transferSetAsides = records.table(
  'transfer_set_aside',
  {
    id: rowId(),
    holdId: rowRef('hold_id')
      .notNull()
      .references(() => transferHolds.id),
    proposedBy: text('proposed_by').notNull(),
    proposedOn: day('proposed_on').notNull(),
    reason: text('reason').notNull(),
    changeId: changeId(),
  },
  (t) => [index('transfer_set_aside_hold').on(t.holdId)],
);

/** 保留の除外（決裁）: the second person's decision, at most one. Insert-only. */
export const transferSetAsideDecisions = records.table(
  'transfer_set_aside_decision',
  {
    setAsideId: rowRef('set_aside_id')
      .primaryKey()
      .references(() => transferSetAsides.id),
    outcome: text('outcome', { enum: ['approved', 'rejected'] }).notNull(),
    decidedBy: text('decided_by').notNull(),
    decidedOn: day('decided_on').notNull(),
    reason: text('reason').notNull(),
    changeId: changeId(),
  },
  (t) => [check('transfer_set_aside_decision_outcome_known', sql`${t.outcome} in ('approved', 'rejected')`)],
);
