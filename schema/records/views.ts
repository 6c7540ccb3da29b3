import { bigint, date, integer, smallint, text } from 'drizzle-orm/pg-core';
import { records } from './columns.js';

// How the views of migrations/records/0004_views.sql are read; their SQL is written there. They are declared as
// tables, because drizzle cannot give a view an alias; drizzle-kit does not see this file, and nobody can insert into
// them.

const sum = (name: string) => bigint(name, { mode: 'bigint' }).notNull();

/**
 * 収納状況: balances of a person by accounting year and tax item. A filter on `addresseeNo` is carried into the view,
 * so that one person's summary reads one person's lines.
 */
export const ledgerSummaries = records.table('ledger_summary', {
  key: text('key').primaryKey(),
  addresseeNo: text('addressee_no').notNull(),
  levyFiscalYear: smallint('levy_fiscal_year').notNull(),
  taxItem: text('tax_item').notNull(),
  lineCount: integer('line_count').notNull(),
  openLineCount: integer('open_line_count').notNull(),
  levied: sum('levied'),
  received: sum('received'),
  offsetIn: sum('offset_in'),
  writtenOff: sum('written_off'),
  taxOutstanding: sum('tax_outstanding'),
  reminderFeeOutstanding: sum('reminder_fee_outstanding'),
  lateChargeOutstanding: sum('late_charge_outstanding'),
  penaltyOutstanding: sum('penalty_outstanding'),
  dispositionCostOutstanding: sum('disposition_cost_outstanding'),
  outstanding: sum('outstanding'),
  oldestOpenDueOn: date('oldest_open_due_on', { mode: 'string' }),
});

/**
 * 過誤納金残高: what of an overpayment was offset, is proposed for refund, was approved, and remains (handbook 04 §1).
 * One row for each row of `overpayment`.
 */
export const overpaymentBalances = records.table('overpayment_balance', {
  overpaymentId: bigint('overpayment_id', { mode: 'bigint' }).primaryKey(),
  rootReceiptId: bigint('root_receipt_id', { mode: 'bigint' }).notNull(),
  offsetOut: sum('offset_out'),
  refundProposed: sum('refund_proposed'),
  refundApproved: sum('refund_approved'),
  refundPaid: sum('refund_paid'),
  remaining: sum('remaining'),
});
