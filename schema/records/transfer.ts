import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, primaryKey, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, instant, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { delinquencyCases } from './delinquency.js';
import { levyLines } from './levy.js';

/**
 * Steps of one case of a transfer (handbook 13 §3). Those from `approved` to `delivered` are learned from the vault.
 */
export const TRANSFER_STATES = [
  'candidate',
  'noticed',
  'frozen',
  'approved',
  'assembled',
  'sealed',
  'released',
  'inCarry',
  'delivered',
  'rejected',
  'active',
  'resultReceived',
  'reconciled',
  'closed',
  'aborted',
] as const;

/** Each row of a journal names its change. */
export const changeId = () =>
  rowRef('change_id')
    .notNull()
    .references(() => changes.id);

/**
 * 移管ラウンド: one hand-over of cases to the collection organization (滞納整理機構) as its configuration says.
 * `digest` is that of the canonical configuration, which a second person approves. Insert-only.
 */
export const transferRounds = records.table(
  'transfer_round',
  {
    id: rowId(),
    roundNo: text('round_no').notNull().unique(),
    fiscalYear: smallint('fiscal_year').notNull(),
    serialNo: smallint('serial_no').notNull(),
    month: smallint('month').notNull(),
    quota: integer('quota').notNull(),
    recipientCode: text('recipient_code').notNull(),
    configuration: jsonb('configuration').notNull(),
    digest: text('digest').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedOn: day('proposed_on').notNull(),
    changeId: changeId(),
  },
  (t) => [
    unique('transfer_round_serial').on(t.fiscalYear, t.serialNo),
    check('transfer_round_month_of_year', sql`${t.month} between 1 and 12`),
    check('transfer_round_quota_positive', sql`${t.quota} > 0`),
  ],
);

/** 移管ラウンドの承認: the second person's, of exactly one digest. Insert-only. */
export const transferRoundApprovals = records.table('transfer_round_approval', {
  roundId: rowRef('round_id')
    .primaryKey()
    .references(() => transferRounds.id),
  digest: text('digest').notNull(),
  approvedBy: text('approved_by').notNull(),
  approvedOn: day('approved_on').notNull(),
  changeId: changeId(),
});

/** 移管事案: a delinquency case in a round, with why it was chosen and what it stood at then. Insert-only. */
export const transferCases = records.table(
  'transfer_case',
  {
    id: rowId(),
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    caseId: rowRef('case_id')
      .notNull()
      .references(() => delinquencyCases.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    rank: integer('rank').notNull(),
    reason: text('reason').notNull(),
    lineCount: integer('line_count').notNull(),
    unpaid: yenColumn('unpaid').notNull(),
    lateChargeFixed: yenColumn('late_charge_fixed').notNull(),
    fees: yenColumn('fees').notNull(),
    changeId: changeId(),
  },
  (t) => [
    unique('transfer_case_once').on(t.roundId, t.caseId),
    index('transfer_case_case').on(t.caseId),
    index('transfer_case_addressee').on(t.addresseeNo),
    yenBounds('transfer_case', t.unpaid),
    yenBounds('transfer_case', t.lateChargeFixed),
    yenBounds('transfer_case', t.fees),
  ],
);

/** 移管事案の状態: its life, step by step; the last step is the state. Two who go on from one step meet here. Insert-only. */
export const transferStates = records.table(
  'transfer_state',
  {
    transferId: rowRef('transfer_id')
      .notNull()
      .references(() => transferCases.id),
    step: smallint('step').notNull(),
    state: text('state', { enum: TRANSFER_STATES }).notNull(),
    reason: text('reason'),
    enteredAt: instant('entered_at').notNull(),
    changeId: changeId(),
  },
  (t) => [
    primaryKey({ columns: [t.transferId, t.step] }),
    check(
      'transfer_state_state_known',
      sql`${t.state} in (${sql.raw(TRANSFER_STATES.map((word) => `'${word}'`).join(', '))})`,
    ),
  ],
);

/** 移管最終催告: the last demand before the transfer, with the day until which payment keeps the case here. Insert-only. */
export const transferNotices = records.table(
  'transfer_notice',
  {
    transferId: rowRef('transfer_id')
      .primaryKey()
      .references(() => transferCases.id),
    issuedOn: day('issued_on').notNull(),
    payBy: day('pay_by').notNull(),
    unpaid: yenColumn('unpaid').notNull(),
    changeId: changeId(),
  },
  (t) => [yenBounds('transfer_notice', t.unpaid)],
);

/** 基準時点の確定: the moment as of which a round is handed over, and the vault's number of its draft. Insert-only. */
export const transferFreezes = records.table('transfer_freeze', {
  roundId: rowRef('round_id')
    .primaryKey()
    .references(() => transferRounds.id),
  asOf: instant('as_of').notNull(),
  draftId: uuid('draft_id').notNull().unique(),
  caseCount: integer('case_count').notNull(),
  lineCount: integer('line_count').notNull(),
  changeId: changeId(),
});

/**
 * 滞納明細（基準時点）: a levy line as it is handed over. `assessed`, `paid`, `reduced`, `unpaid` are the tax and its
 * penalty; late charge, fee and cost stand apart (handbook 13 §2). Insert-only.
 */
export const transferLines = records.table(
  'transfer_line',
  {
    id: rowId(),
    transferId: rowRef('transfer_id')
      .notNull()
      .references(() => transferCases.id),
    lineNo: integer('line_no').notNull(),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    assessed: yenColumn('assessed').notNull(),
    paid: yenColumn('paid').notNull(),
    reduced: yenColumn('reduced').notNull(),
    unpaid: yenColumn('unpaid').notNull(),
    lateChargeFixed: yenColumn('late_charge_fixed').notNull(),
    lateChargeFrom: day('late_charge_from'),
    reminderFee: yenColumn('reminder_fee').notNull(),
    dispositionCost: yenColumn('disposition_cost').notNull(),
    changeId: changeId(),
  },
  (t) => [
    unique('transfer_line_no').on(t.transferId, t.lineNo),
    index('transfer_line_levy').on(t.levyId),
    yenBounds('transfer_line', t.assessed),
    yenBounds('transfer_line', t.paid),
    yenBounds('transfer_line', t.reduced),
    yenBounds('transfer_line', t.lateChargeFixed),
    yenBounds('transfer_line', t.reminderFee),
    yenBounds('transfer_line', t.dispositionCost),
    check('transfer_line_balance', sql`${t.unpaid} = ${t.assessed} - ${t.paid} - ${t.reduced}`),
    check(
      'transfer_line_positive',
      sql`least(${t.assessed}, ${t.paid}, ${t.reduced}, ${t.unpaid}, ${t.lateChargeFixed}, ${t.reminderFee},
        ${t.dispositionCost}) >= 0`,
    ),
  ],
);

/** 移管データの明細行（基準時点）: rows of the files to hand over, frozen. Erased when the round is closed; no journal. */
export const transferSnapshotRows = records.table(
  'transfer_snapshot_row',
  {
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    file: text('file').notNull(),
    rowNo: integer('row_no').notNull(),
    content: jsonb('content').notNull(),
  },
  (t) => [primaryKey({ columns: [t.roundId, t.file, t.rowNo] })],
);

/** 移管データの引渡し（金庫へ）: the draft is complete in the vault, with the digest that people approve. Insert-only. */
export const transferSubmissions = records.table(
  'transfer_submission',
  {
    roundId: rowRef('round_id')
      .primaryKey()
      .references(() => transferRounds.id),
    draftDigest: text('draft_digest').notNull(),
    caseCount: integer('case_count').notNull(),
    unpaid: yenColumn('unpaid').notNull(),
    changeId: changeId(),
  },
  (t) => [yenBounds('transfer_submission', t.unpaid)],
);

/** 移管パッケージの状態: what the vault told of the round's package, each state once. Insert-only. */
export const transferPackageStates = records.table(
  'transfer_package_state',
  {
    roundId: rowRef('round_id')
      .notNull()
      .references(() => transferRounds.id),
    state: text('state').notNull(),
    packageId: uuid('package_id'),
    learnedAt: instant('learned_at').notNull(),
    changeId: changeId(),
  },
  (t) => [primaryKey({ columns: [t.roundId, t.state] })],
);
