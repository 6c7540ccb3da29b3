import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, smallint, text, unique } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { taxItems } from './municipality.js';

/** Components of a claim, always held apart (handbook 01 §1). */
export const COMPONENTS = ['tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'] as const;

/**
 * 調定(期別): a levy line with the full key of handbook 01 §2. Absent key parts are empty or 0, never null.
 * Insert-only; the amount today is `taxAmount` plus its adjustments.
 */
export const levyLines = records.table(
  'levy_line',
  {
    id: rowId(),
    municipalityCode: text('municipality_code').notNull(),
    formerMunicipalityCode: text('former_municipality_code').notNull().default(''),
    assessmentYear: smallint('assessment_year').notNull(),
    taxYear: smallint('tax_year').notNull(),
    levyFiscalYear: smallint('levy_fiscal_year').notNull(),
    noticeNo: text('notice_no').notNull(),
    taxItem: text('tax_item')
      .notNull()
      .references(() => taxItems.code),
    payrollAgentNo: text('payroll_agent_no').notNull().default(''),
    instalmentNo: smallint('instalment_no').notNull(),
    returnNo: smallint('return_no').notNull().default(0),
    businessYearNo: smallint('business_year_no').notNull().default(0),
    childAddresseeNo: text('child_addressee_no').notNull().default(''),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    taxAmount: yenColumn('tax_amount').notNull(),
    nominalDueOn: day('nominal_due_on').notNull(),
    dueOn: day('due_on').notNull(),
    statutoryDueOn: day('statutory_due_on').notNull(),
    priorityOn: day('priority_on').notNull(),
    decidedOn: day('decided_on').notNull(),
    notifiedOn: day('notified_on').notNull(),
    paymentNo: text('payment_no').notNull().default(''),
    confirmationNo: text('confirmation_no').notNull().default(''),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    unique('levy_line_key').on(
      t.noticeNo,
      t.taxItem,
      t.instalmentNo,
      t.assessmentYear,
      t.taxYear,
      t.payrollAgentNo,
      t.returnNo,
      t.businessYearNo,
      t.childAddresseeNo,
      t.municipalityCode,
      t.formerMunicipalityCode,
    ),
    index('levy_line_addressee').on(t.addresseeNo, t.levyFiscalYear, t.taxItem, t.instalmentNo, t.id),
    index('levy_line_payment_no')
      .on(t.paymentNo)
      .where(sql`payment_no <> ''`),
    index('levy_line_payroll')
      .on(t.payrollAgentNo, t.levyFiscalYear, t.instalmentNo)
      .where(sql`payroll_agent_no <> ''`),
    yenBounds('levy_line', t.taxAmount),
    check('levy_line_amount_positive', sql`${t.taxAmount} >= 0`),
  ],
);

/** 更正・変更: a decision that raises or lowers a levy line. Insert-only. */
export const levyAdjustments = records.table(
  'levy_adjustment',
  {
    id: rowId(),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    taxDelta: yenColumn('tax_delta').notNull(),
    reason: text('reason').notNull(),
    decidedOn: day('decided_on').notNull(),
    notifiedOn: day('notified_on').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('levy_adjustment_levy').on(t.levyId), yenBounds('levy_adjustment', t.taxDelta)],
);

/** 督促手数料・延滞金・加算金・滞納処分費の調定: amounts levied beside the tax. Insert-only, signed. */
export const levyCharges = records.table(
  'levy_charge',
  {
    id: rowId(),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    component: text('component', { enum: COMPONENTS }).notNull(),
    amount: yenColumn('amount').notNull(),
    decidedOn: day('decided_on').notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('levy_charge_levy').on(t.levyId), yenBounds('levy_charge', t.amount)],
);

/** 督促: the statutory reminder, once per levy line (handbook 03 §1). Insert-only. */
export const reminders = records.table('reminder', {
  id: rowId(),
  levyId: rowRef('levy_id')
    .notNull()
    .unique()
    .references(() => levyLines.id),
  sentOn: day('sent_on').notNull(),
  returnedOn: day('returned_on'),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});

export const WRITE_OFF_CAUSES = ['limitation', 'stayThreeYears', 'immediate'] as const;

/**
 * 不納欠損: removal of an extinguished claim from the accounts, by component and cause. An approved proposal books
 * it; rows that were entered before there were proposals name none. Insert-only.
 */
export const writeOffs = records.table(
  'write_off',
  {
    id: rowId(),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    component: text('component', { enum: COMPONENTS }).notNull(),
    amount: yenColumn('amount').notNull(),
    cause: text('cause', { enum: WRITE_OFF_CAUSES }).notNull(),
    writtenOffOn: day('written_off_on').notNull(),
    proposalId: rowRef('proposal_id'),
    /** The decision that took back what `proposalId` had written off; the amount is below 0. */
    reversalId: rowRef('reversal_id'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('write_off_levy').on(t.levyId),
    index('write_off_of').on(t.proposalId),
    index('write_off_reversed_by').on(t.reversalId),
    yenBounds('write_off', t.amount),
  ],
);

/**
 * 期別残高: what a levy line stands at. Derived from the journals by triggers; nobody else writes it, and
 * `kuramori ledger verify` rebuilds and compares it.
 */
export const levyBalances = records.table(
  'levy_balance',
  {
    levyId: rowRef('levy_id').primaryKey(),
    addresseeNo: text('addressee_no').notNull(),
    levied: yenColumn('levied').notNull(),
    received: yenColumn('received')
      .notNull()
      .default(sql`0`),
    offsetIn: yenColumn('offset_in')
      .notNull()
      .default(sql`0`),
    writtenOff: yenColumn('written_off')
      .notNull()
      .default(sql`0`),
    taxOutstanding: yenColumn('tax_outstanding').notNull(),
    reminderFeeOutstanding: yenColumn('reminder_fee_outstanding')
      .notNull()
      .default(sql`0`),
    lateChargeOutstanding: yenColumn('late_charge_outstanding')
      .notNull()
      .default(sql`0`),
    penaltyOutstanding: yenColumn('penalty_outstanding')
      .notNull()
      .default(sql`0`),
    dispositionCostOutstanding: yenColumn('disposition_cost_outstanding')
      .notNull()
      .default(sql`0`),
    lastPaidOn: day('last_paid_on'),
    settled: boolean('settled')
      .notNull()
      .generatedAlwaysAs(
        sql.raw(
          ['tax', 'reminder_fee', 'late_charge', 'penalty', 'disposition_cost']
            .map((component) => `${component}_outstanding <= 0`)
            .join(' and '),
        ),
      ),
    entries: integer('entries').notNull().default(0),
  },
  (t) => [
    index('levy_balance_open')
      .on(t.addresseeNo)
      .where(sql`tax_outstanding > 0`),
    index('levy_balance_unsettled')
      .on(t.addresseeNo, t.levyId)
      .where(sql`not settled`),
    yenBounds('levy_balance', t.levied),
    yenBounds('levy_balance', t.received),
  ],
);
