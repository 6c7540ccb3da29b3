import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { COMPONENTS } from './levy.js';
import { receipts } from './receipt.js';
import { changeId, transferCases, transferLines, transferRounds } from './transfer.js';

export const ACCEPTANCE_OUTCOMES = ['accepted', 'rejected'] as const;

/** 引受: the organization's answer for a case; acceptance moves the right to collect. Insert-only. */
export const transferAcceptances = records.table(
  'transfer_acceptance',
  {
    transferId: rowRef('transfer_id')
      .primaryKey()
      .references(() => transferCases.id),
    packageId: uuid('package_id').notNull(),
    outcome: text('outcome', { enum: ACCEPTANCE_OUTCOMES }).notNull(),
    reason: text('reason'),
    changeId: changeId(),
  },
  () => [check('transfer_acceptance_outcome_known', sql`outcome in ('accepted', 'rejected')`)],
);

export const DELTA_KINDS = ['payment', 'offset', 'adjustment', 'writeOff'] as const;

/**
 * 入金連絡の対象: what changed of a line after the freeze, signed: positive lowers what is owed. Written by triggers of
 * the ledger in the transaction of the change itself. Insert-only.
 */
export const transferDeltas = records.table(
  'transfer_delta',
  {
    id: rowId(),
    lineId: rowRef('line_id')
      .notNull()
      .references(() => transferLines.id),
    kind: text('kind', { enum: DELTA_KINDS }).notNull(),
    component: text('component', { enum: COMPONENTS }).notNull(),
    amount: yenColumn('amount').notNull(),
    effectiveOn: day('effective_on').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('transfer_delta_line').on(t.lineId),
    yenBounds('transfer_delta', t.amount),
    check('transfer_delta_kind_known', sql`kind in ('payment', 'offset', 'adjustment', 'writeOff')`),
    check(
      'transfer_delta_component_known',
      sql`component in (${sql.raw(COMPONENTS.map((word) => `'${word}'`).join(', '))})`,
    ),
  ],
);

/**
 * 入金連絡: one message to the organization, through the vault, as it is sent. `deltaNo` counts from 1 for each round; the
 * content is fixed when it is written, so that a message which is sent again is the same. Insert-only.
 */
export const transferDeltaMessages = records.table(
  'transfer_delta_message',
  {
    id: rowId(),
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    deltaNo: integer('delta_no').notNull(),
    content: jsonb('content').notNull(),
    forwardBy: day('forward_by').notNull(),
    changeId: changeId(),
  },
  (t) => [unique('transfer_delta_message_no').on(t.roundId, t.deltaNo)],
);

/** 入金連絡の明細: which message tells of a change; each change is told once. Insert-only. */
export const transferDeltaEntries = records.table(
  'transfer_delta_entry',
  {
    deltaId: rowRef('delta_id')
      .primaryKey()
      .references(() => transferDeltas.id),
    messageId: rowRef('message_id')
      .notNull()
      .references(() => transferDeltaMessages.id),
    changeId: changeId(),
  },
  (t) => [index('transfer_delta_entry_message').on(t.messageId)],
);

/** 入金連絡の引渡し: the vault has the message. Insert-only. */
export const transferDeltaSendings = records.table('transfer_delta_sending', {
  messageId: rowRef('message_id')
    .primaryKey()
    .references(() => transferDeltaMessages.id),
  sentOn: day('sent_on').notNull(),
  changeId: changeId(),
});

/** 完納・返還・執行停止相当・不納欠損相当・継続 (handbook 13 §7). */
export const TRANSFER_END_STATES = [
  'paidInFull',
  'returned',
  'suspensionFit',
  'writeOffFit',
  'continued',
] as const;

/** 徴収実績報告: a result package of the organization, opened and verified by the vault. Insert-only. */
export const transferResults = records.table(
  'transfer_result',
  {
    id: rowId(),
    resultId: uuid('result_id').notNull().unique(),
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    seriesNo: integer('series_no').notNull(),
    isFinal: boolean('is_final').notNull(),
    receivedOn: day('received_on').notNull(),
    collected: yenColumn('collected').notNull(),
    changeId: changeId(),
  },
  (t) => [index('transfer_result_round').on(t.roundId), yenBounds('transfer_result', t.collected)],
);

/** 徴収実績明細: what the organization collected of a line on a day, by component. Insert-only. */
export const transferCollections = records.table(
  'transfer_collection',
  {
    id: rowId(),
    resultId: rowRef('result_id')
      .notNull()
      .references(() => transferResults.id),
    lineId: rowRef('line_id')
      .notNull()
      .references(() => transferLines.id),
    collectedOn: day('collected_on').notNull(),
    tax: yenColumn('tax').notNull(),
    lateCharge: yenColumn('late_charge').notNull(),
    reminderFee: yenColumn('reminder_fee').notNull(),
    dispositionCost: yenColumn('disposition_cost').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('transfer_collection_line').on(t.lineId),
    index('transfer_collection_result').on(t.resultId),
    yenBounds('transfer_collection', t.tax),
    yenBounds('transfer_collection', t.lateCharge),
    yenBounds('transfer_collection', t.reminderFee),
    yenBounds('transfer_collection', t.dispositionCost),
    check(
      'transfer_collection_positive',
      sql`least(${t.tax}, ${t.lateCharge}, ${t.reminderFee}, ${t.dispositionCost}) >= 0`,
    ),
  ],
);

/** 徴収実績の消込: the receipt by which a collection of the organization entered the ledger, once. Insert-only. */
export const transferPostings = records.table('transfer_posting', {
  collectionId: rowRef('collection_id')
    .primaryKey()
    .references(() => transferCollections.id),
  receiptId: rowRef('receipt_id')
    .notNull()
    .unique()
    .references(() => receipts.id),
  changeId: changeId(),
});

/** 事案の結果: what the organization says of a case, with its judgement; the mayor decides. Insert-only. */
export const transferOutcomes = records.table(
  'transfer_outcome',
  {
    resultId: rowRef('result_id')
      .notNull()
      .references(() => transferResults.id),
    transferId: rowRef('transfer_id')
      .notNull()
      .references(() => transferCases.id),
    endState: text('end_state', { enum: TRANSFER_END_STATES }).notNull(),
    statedOn: day('stated_on').notNull(),
    judgement: text('judgement'),
    changeId: changeId(),
  },
  (t) => [
    primaryKey({ columns: [t.resultId, t.transferId] }),
    index('transfer_outcome_case').on(t.transferId),
    check(
      'transfer_outcome_end_state_known',
      sql`${t.endState} in (${sql.raw(TRANSFER_END_STATES.map((word) => `'${word}'`).join(', '))})`,
    ),
  ],
);

/**
 * 処分・時効・折衝の受領: that the files of a result package about the organization's own acts were taken, with their
 * rows; null for a file that the package does not hold, which is no word about such acts. Insert-only.
 */
export const transferActs = records.table('transfer_acts', {
  resultId: rowRef('result_id')
    .primaryKey()
    .references(() => transferResults.id),
  dispositions: integer('dispositions'),
  renewals: integer('renewals'),
  contacts: integer('contacts'),
  changeId: changeId(),
});

export const RENEWAL_KINDS = ['seizure', 'acknowledgement'] as const;

/** 時効の更新: what the organization says has renewed the limitation of a line, beside its dispositions. Insert-only. */
export const transferRenewals = records.table(
  'transfer_renewal',
  {
    id: rowId(),
    resultId: rowRef('result_id')
      .notNull()
      .references(() => transferResults.id),
    lineId: rowRef('line_id')
      .notNull()
      .references(() => transferLines.id),
    kind: text('kind', { enum: RENEWAL_KINDS }).notNull(),
    renewedOn: day('renewed_on').notNull(),
    changeId: changeId(),
  },
  (t) => [
    unique('transfer_renewal_once').on(t.lineId, t.kind, t.renewedOn),
    index('transfer_renewal_result').on(t.resultId),
    check('transfer_renewal_kind_known', sql`${t.kind} in ('seizure', 'acknowledgement')`),
  ],
);

/** 払込: money that came from the organization for a result. Insert-only; a mistake is corrected by its negative. */
export const transferRemittances = records.table(
  'transfer_remittance',
  {
    id: rowId(),
    resultId: rowRef('result_id')
      .notNull()
      .references(() => transferResults.id),
    receivedOn: day('received_on').notNull(),
    amount: yenColumn('amount').notNull(),
    reference: text('reference').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('transfer_remittance_result').on(t.resultId),
    yenBounds('transfer_remittance', t.amount),
    check('transfer_remittance_not_zero', sql`${t.amount} <> 0`),
  ],
);

/** 突合: one comparison of results, money and lines; only one without a difference lets the round close. Insert-only. */
export const transferReconciliations = records.table(
  'transfer_reconciliation',
  {
    id: rowId(),
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    transferred: yenColumn('transferred').notNull(),
    collected: yenColumn('collected').notNull(),
    received: yenColumn('received').notNull(),
    remaining: yenColumn('remaining').notNull(),
    differences: integer('differences').notNull(),
    digest: text('digest').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('transfer_reconciliation_round').on(t.roundId, t.id),
    yenBounds('transfer_reconciliation', t.transferred),
    yenBounds('transfer_reconciliation', t.collected),
    yenBounds('transfer_reconciliation', t.received),
    yenBounds('transfer_reconciliation', t.remaining),
  ],
);
