import { sql } from 'drizzle-orm';
import { bigint, check, integer, text, unique } from 'drizzle-orm/pg-core';
import { day, instant } from '../columns.js';
import { refundAccounts } from './push.js';
import { vault } from './tables.js';

/** 振込依頼人: the municipality as its bank knows it, from a day on; of two entries for one day the later holds. */
export const paymentConsignors = vault.table(
  'payment_consignor',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    validFrom: day('valid_from').notNull(),
    /** 委託者コード */
    code: text('code').notNull(),
    /** In half-width kana, as all names here. */
    nameKana: text('name_kana').notNull(),
    bankCode: text('bank_code').notNull(),
    bankNameKana: text('bank_name_kana').notNull(),
    branchCode: text('branch_code').notNull(),
    branchNameKana: text('branch_name_kana').notNull(),
    accountType: text('account_type').notNull(),
    accountNumber: text('account_number').notNull(),
    /** How records follow each other: one upon the other, or each with CR LF. */
    layout: text('layout').notNull(),
    enteredBy: text('entered_by').notNull(),
    enteredAt: instant('entered_at').notNull(),
  },
  () => [
    check('payment_consignor_code_form', sql`code ~ '^[0-9]{10}$'`),
    check('payment_consignor_layout_known', sql`layout in ('120', '120+CRLF')`),
  ],
);

/** 振込データ: a file that left the vault, with what makes it again; insert-only. */
export const paymentFiles = vault.table(
  'payment_file',
  {
    /** From 1, without gaps. */
    fileNo: integer('file_no').primaryKey(),
    payOn: day('pay_on').notNull(),
    consignorId: bigint('consignor_id', { mode: 'bigint' })
      .notNull()
      .references(() => paymentConsignors.id),
    count: integer('count').notNull(),
    totalYen: bigint('total_yen', { mode: 'bigint' }).notNull(),
    /** Of the bytes, `sha256:` and hexadecimal. */
    sha256: text('sha256').notNull(),
    /** Each approval makes one file. */
    approvalId: text('approval_id').notNull().unique('payment_file_approval'),
    madeBy: text('made_by').notNull(),
    madeAt: instant('made_at').notNull(),
  },
  () => [
    check('payment_file_count', sql`count >= 1`),
    check('payment_file_total', sql`total_yen between 1 and 999999999999`),
    check('payment_file_sha256_form', sql`sha256 ~ '^sha256:[0-9a-f]{64}$'`),
  ],
);

/** Which refund is paid by which record of which file: by one and no other; insert-only. */
export const paymentFileRecords = vault.table(
  'payment_file_record',
  {
    refundId: text('refund_id')
      .primaryKey()
      .references(() => refundAccounts.refundId),
    fileNo: integer('file_no')
      .notNull()
      .references(() => paymentFiles.fileNo),
    /** From 1, among the data records. */
    recordNo: integer('record_no').notNull(),
  },
  (t) => [unique('payment_file_record_place').on(t.fileNo, t.recordNo)],
);
