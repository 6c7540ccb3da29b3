import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { bytes, day, instant, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { COMPONENTS, levyLines } from './levy.js';
import { taxItems } from './municipality.js';

/** 取込ファイル: a file that was loaded, by digest, with its outcome. The same bytes answer the same outcome. Insert-only. */
export const loadedFiles = records.table('loaded_file', {
  id: rowId(),
  sha256: text('sha256').notNull().unique(),
  kind: text('kind').notNull(),
  layoutId: text('layout_id').notNull(),
  layoutVersion: smallint('layout_version').notNull(),
  byteCount: yenColumn('byte_count').notNull(),
  outcome: jsonb('outcome').notNull(),
  loadedAt: instant('loaded_at').notNull().defaultNow(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});

/** 保留レコード: a record of a file that was set aside, with the reason; its bytes are kept for mending. Insert-only. */
export const setAsideRecords = records.table(
  'set_aside_record',
  {
    fileId: rowRef('file_id')
      .notNull()
      .references(() => loadedFiles.id),
    recordNo: integer('record_no').notNull(),
    code: text('code').notNull(),
    field: text('field'),
    content: bytes('content').notNull(),
  },
  (t) => [primaryKey({ columns: [t.fileId, t.recordNo] })],
);

export const RECEIPT_SOURCES = [
  'receiptPlain',
  'receiptMpn',
  'receiptPayroll',
  'convenience',
  'elqr',
  'directDebit',
  'counter',
  'manual',
  'disposition',
  'organization',
] as const;
export const MATCH_RULES = ['paymentNo', 'levyKey', 'noticeNo', 'payrollKey', 'person', 'none'] as const;

/**
 * 収納: money received, one row per paid slip. Insert-only; a reversal is a row of negative amount that names what it
 * reverses. `paidOn` 領収日 decides late charges, `receivedOn` is the day the data came, `bookedOn` 収入日 the accounts.
 */
export const receipts = records.table(
  'receipt',
  {
    id: rowId(),
    source: text('source', { enum: RECEIPT_SOURCES }).notNull(),
    fileId: rowRef('file_id').references(() => loadedFiles.id),
    recordNo: integer('record_no'),
    taxItem: text('tax_item').references(() => taxItems.code),
    levyFiscalYear: smallint('levy_fiscal_year'),
    instalmentNo: smallint('instalment_no'),
    noticeNo: text('notice_no'),
    billedAmount: yenColumn('billed_amount'),
    taxAmount: yenColumn('tax_amount').notNull(),
    lateChargeAmount: yenColumn('late_charge_amount')
      .notNull()
      .default(sql`0`),
    amount: yenColumn('amount')
      .notNull()
      .generatedAlwaysAs(sql`tax_amount + late_charge_amount`),
    collectingBank: text('collecting_bank'),
    channel: text('channel').notNull(),
    paidOn: day('paid_on').notNull(),
    receivedOn: day('received_on').notNull(),
    bookedOn: day('booked_on').notNull(),
    addresseeNo: text('addressee_no').references(() => addressees.addresseeNo),
    levyId: rowRef('levy_id').references(() => levyLines.id),
    matchRule: text('match_rule', { enum: MATCH_RULES }).notNull(),
    reversesId: rowRef('reverses_id').unique(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    unique('receipt_file_record').on(t.fileId, t.recordNo),
    index('receipt_addressee').on(t.addresseeNo, t.paidOn, t.id),
    index('receipt_levy').on(t.levyId),
    yenBounds('receipt', t.taxAmount),
    yenBounds('receipt', t.lateChargeAmount),
  ],
);

/** 消込: part of a receipt or offset applied to a component of a levy line. Insert-only; reversals are negative. */
export const allocations = records.table(
  'allocation',
  {
    id: rowId(),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    component: text('component', { enum: COMPONENTS }).notNull(),
    amount: yenColumn('amount').notNull(),
    receiptId: rowRef('receipt_id').references(() => receipts.id),
    offsetId: rowRef('offset_id'),
    effectiveOn: day('effective_on').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('allocation_levy').on(t.levyId),
    index('allocation_receipt').on(t.receiptId),
    yenBounds('allocation', t.amount),
    check('allocation_one_origin', sql`num_nonnulls(receipt_id, offset_id) = 1`),
  ],
);

/** 不明金: what of a receipt no levy explains. Insert-only, signed: an assignment writes the amount out again. */
export const unidentifiedEntries = records.table(
  'unidentified_entry',
  {
    id: rowId(),
    receiptId: rowRef('receipt_id')
      .notNull()
      .references(() => receipts.id),
    amount: yenColumn('amount').notNull(),
    reason: text('reason', {
      enum: ['noMatch', 'ambiguous', 'keyMismatch', 'assigned', 'reversed'],
    }).notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('unidentified_entry_receipt').on(t.receiptId), yenBounds('unidentified_entry', t.amount)],
);
