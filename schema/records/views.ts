import { bigint, date, integer, smallint, text } from 'drizzle-orm/pg-core';
import { records } from './columns.js';

// How the view of migrations/records/0004_views.sql is read; its SQL is written there. It is declared as a table,
// because drizzle cannot give a view an alias; drizzle-kit does not see this file, and nobody can insert into it.

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
