import { sql } from 'drizzle-orm';
import { bigint, boolean, check, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from '../columns.js';
import { vault } from './tables.js';

const APPROVALS_OF_SWITCH = sql`(is_on and num_nulls(basis, first_approval, second_approval) = 0)
    or (not is_on and num_nulls(basis, first_approval, second_approval) = 3)`;

/** 情報提供の開始・停止 (`intermediary.provision`): insert-only; the newest row holds, and without a row it is off. */
export const provisionSwitches = vault.table(
  'provision_switch',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    isOn: boolean('is_on').notNull(),
    /** 根拠 for giving information, of the register of legal bases. */
    basis: text('basis'),
    /** Of an officer, and of the audit officer. */
    firstApproval: text('first_approval'),
    secondApproval: text('second_approval'),
    reason: text('reason').notNull(),
    switchedBy: text('switched_by').notNull(),
    switchedAt: instant('switched_at').notNull(),
  },
  () => [check('provision_switch_approved', APPROVALS_OF_SWITCH)],
);

/**
 * 情報提供DB管理・情報提供の電文: one message by which something is given. What it holds lies sealed in the spool; the row
 * stays, so that its name is never used again.
 */
export const provisionMessages = vault.table(
  'provision_message',
  {
    /** UUIDv7 of the program that asked; the name of the message, too. */
    messageId: text('message_id').primaryKey(),
    kind: text('kind').notNull(),
    /** Of the body that was signed: another body under the same name is refused. */
    bodyDigest: text('body_digest').notNull(),
    personId: text('person_id').notNull(),
    /** References of whom it is about: their numbers stay while nobody knows what became of it. */
    subjects: text('subjects').array().notNull(),
    state: text('state').notNull(),
    reason: text('reason').notNull(),
    /** Times the message was sent. */
    attempt: integer('attempt').notNull().default(0),
    acceptedAt: instant('accepted_at').notNull(),
    /** Before it, one that waits is not sent again. */
    nextAttemptAt: instant('next_attempt_at'),
    envelopeRefs: text('envelope_refs').array(),
    receiptRefs: text('receipt_refs').array(),
    receiptDigest: text('receipt_digest'),
    sentAt: instant('sent_at'),
  },
  () => [
    check('provision_message_kind_known', sql`kind in ('copy.register', 'copy.delete', 'provision.decide')`),
    check(
      'provision_message_state_known',
      sql`state in ('ACCEPTED', 'SENDING', 'INDETERMINATE', 'RETRY_WAIT', 'DONE', 'REFUSED', 'FAILED')`,
    ),
  ],
);

/** 副本 that were given: which record number (レコード識別番号) is whose. Insert-only. */
export const provisionCopies = vault.table(
  'provision_copy',
  {
    recordId: text('record_id').notNull(),
    vaultRef: text('vault_ref').notNull(),
    registeredAt: instant('registered_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.recordId, t.vaultRef] })],
);
