import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, day, instant } from '../columns.js';
import { inquiryBatches } from './batch.js';
import { vault } from './tables.js';

/** 団体内統合宛名番号の紐付け: one number of one person, unique both ways. A change of number takes it along. */
export const addresseeLinkages = vault.table(
  'addressee_linkage',
  {
    vaultRef: text('vault_ref').primaryKey(),
    unifiedAddresseeNo: text('unified_addressee_no').notNull().unique('addressee_linkage_unified'),
    linkedAt: instant('linked_at').notNull(),
  },
  () => [check('addressee_linkage_unified_form', sql`unified_addressee_no ~ '^[0-9]{15}$'`)],
);

const STATES = sql`state in ('ACCEPTED', 'SENDING', 'PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED',
  'FAILED', 'CANCELLED', 'EXPIRED')`;

/**
 * 送信依頼: one push to the intermediary server and the state it is in. What it is about lies sealed in the spool; the
 * row stays, so that its name is never used again.
 */
export const pushes = vault.table(
  'push',
  {
    /** UUIDv7 of the program that asked. */
    pushRequestId: text('push_request_id').primaryKey(),
    procedure: text('procedure').notNull(),
    vaultRef: text('vault_ref').notNull(),
    /** Of the body that was signed: another body under the same name is refused. */
    bodyDigest: text('body_digest').notNull(),
    refundId: text('refund_id'),
    consentId: text('consent_id'),
    personId: text('person_id').notNull(),
    unit: text('unit').notNull(),
    /** When the terminal signed: the person's last proof of being there. */
    assertedAt: instant('asserted_at').notNull(),
    purpose: text('purpose').notNull(),
    basis: text('basis').notNull(),
    caseId: text('case_id').notNull(),
    /** Name of the one message: the same in every attempt, so that the other side does nothing twice. */
    messageId: text('message_id').notNull().unique('push_message'),
    state: text('state').notNull(),
    reason: text('reason').notNull(),
    /** Times the message was sent. */
    attempt: integer('attempt').notNull().default(0),
    /** Times the other side was asked what became of it, since the state began. */
    inquiries: integer('inquiries').notNull().default(0),
    acceptedAt: instant('accepted_at').notNull(),
    deadline: instant('deadline').notNull(),
    /** When to go on; none at the end. */
    nextAttemptAt: instant('next_attempt_at'),
    /** Spool items: what was asked, and the envelope that was sent last. */
    requestRef: text('request_ref').notNull(),
    envelopeRef: text('envelope_ref'),
    /** What that envelope says of when it was sent. */
    sentAt: instant('sent_at'),
    /** Number (通番) of the entry of the log that was durable before it was sent. */
    intentEntry: bigint('intent_entry', { mode: 'bigint' }),
    /** 一括照会: it waits to be gathered with others, and travels as a line of a batch. */
    batched: boolean('batched').notNull().default(false),
    batchId: text('batch_id').references(() => inquiryBatches.batchId),
    /** 明細番号, from 1. */
    lineNo: integer('line_no'),
  },
  (t) => [
    unique('push_line').on(t.batchId, t.lineNo),
    check(
      'push_line_of_batch',
      sql`num_nulls(batch_id, line_no) in (0, 2) and (batched or batch_id is null)`,
    ),
    check('push_batched', sql`not batched or procedure = 'inquireRefundAccount'`),
    index('push_gathered')
      .on(t.nextAttemptAt)
      .where(sql`batched and batch_id is null and next_attempt_at is not null`),
    index('push_due')
      .on(t.nextAttemptAt)
      .where(sql`next_attempt_at is not null`),
    index('push_of_number').on(t.vaultRef),
    uniqueIndex('push_one_inquiry_per_refund')
      .on(t.refundId)
      .where(sql`refund_id is not null and state not in ('REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED')`),
    check('push_state_known', STATES),
    check('push_procedure_known', sql`procedure in ('acquireCode', 'inquireRefundAccount')`),
    check(
      'push_ends',
      sql`(next_attempt_at is null) = (state in ('DONE', 'REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED'))`,
    ),
    check('push_refund', sql`(procedure = 'inquireRefundAccount') = (refund_id is not null)`),
    check('push_consent', sql`(refund_id is null) = (consent_id is null)`),
  ],
);

/** 送信状態の履歴: every change of every push, insert-only; what gateway and worker read of it. */
export const pushChanges = vault.table(
  'push_change',
  {
    /** Grows in the order of commits. */
    sequence: bigint('sequence', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    pushRequestId: text('push_request_id')
      .notNull()
      .references(() => pushes.pushRequestId),
    state: text('state').notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
    attempt: integer('attempt').notNull(),
    /** `sha256:…` over the receipt as it came. */
    receiptDigest: text('receipt_digest'),
    nextAttemptAt: instant('next_attempt_at'),
    /** 取消理由, as it was signed. */
    cancelReason: text('cancel_reason'),
  },
  (t) => [
    index('push_change_of').on(t.pushRequestId, t.sequence),
    check('push_change_state_known', STATES),
    check('push_change_cancelled', sql`cancel_reason is null or state = 'CANCELLED'`),
  ],
);

/**
 * 一時保管: what is kept for days, each under a data key of its own that hangs on a shred key in the other database, so
 * that its end reaches the backups too (handbook 12 §4, 14 §3).
 */
export const spoolItems = vault.table(
  'spool_item',
  {
    /** Random; also the name of its shred key. */
    itemRef: text('item_ref').primaryKey(),
    kind: text('kind').notNull(),
    keyId: text('key_id').notNull(),
    kekVersion: integer('kek_version').notNull(),
    wrapNonce: bytes('wrap_nonce').notNull(),
    wrappedDek: bytes('wrapped_dek').notNull(),
    nonce: bytes('nonce').notNull(),
    ciphertext: bytes('ciphertext').notNull(),
    storedAt: instant('stored_at').notNull(),
    /** From then on housekeeping takes it away. */
    eraseAfter: instant('erase_after').notNull(),
  },
  (t) => [
    index('spool_item_due').on(t.eraseAfter),
    index('spool_item_key').on(t.kekVersion, t.itemRef),
    check('spool_item_ref_form', sql`item_ref ~ '^vr_[0-9A-HJKMNP-TV-Z]{26}$'`),
    check('spool_item_kind_known', sql`kind in ('request', 'envelope', 'receipt', 'account', 'payment')`),
  ],
);

/** 情報提供等記録 (番号法 23条; handbook 11 §4.3): insert-only, and taken away after its seventh anniversary alone. */
export const infoProvisionRecords = vault.table(
  'info_provision_record',
  {
    /** レコード識別番号 of the message. */
    recordId: text('record_id').primaryKey(),
    pushRequestId: text('push_request_id').notNull(),
    inquirerBodyCode: text('inquirer_body_code').notNull(),
    inquirerName: text('inquirer_name').notNull(),
    providerBodyCode: text('provider_body_code').notNull(),
    providerName: text('provider_name').notNull(),
    requestedAt: instant('requested_at').notNull(),
    providedAt: instant('provided_at'),
    procedureCode: text('procedure_code').notNull(),
    informationNameCodes: text('information_name_codes').array().notNull(),
    itemCodes: text('item_codes').array().notNull(),
    permissionId: text('permission_id'),
    processingNo: text('processing_no'),
    resultStatus: text('result_status').notNull(),
    nonDisclosure: boolean('non_disclosure').notNull(),
    unifiedAddresseeNo: text('unified_addressee_no').notNull(),
    /** Number (通番) of the entry of the vault's log that was written before the message was sent. */
    auditSequence: bigint('audit_sequence', { mode: 'bigint' }).notNull(),
    recordedOn: day('recorded_on').notNull(),
    /** Inclusive: the seventh anniversary. */
    keptThrough: day('kept_through').notNull(),
  },
  (t) => [
    index('info_provision_record_kept').on(t.keptThrough),
    index('info_provision_record_person').on(t.unifiedAddresseeNo),
  ],
);

/** 公金受取口座の利用同意: insert-only. */
export const refundConsents = vault.table(
  'refund_consent',
  {
    consentId: text('consent_id').primaryKey(),
    vaultRef: text('vault_ref').notNull(),
    refundId: text('refund_id').notNull(),
    /** How the person said so. */
    channel: text('channel').notNull(),
    consentedOn: day('consented_on').notNull(),
    /** `sha256:…` over the paper or the application that shows it. */
    evidenceDigest: text('evidence_digest').notNull(),
    recordedBy: text('recorded_by').notNull(),
    recordedAt: instant('recorded_at').notNull(),
  },
  () => [check('refund_consent_channel_known', sql`channel in ('counter', 'paper', 'online', 'telephone')`)],
);

/** 同意の撤回: insert-only. */
export const refundConsentWithdrawals = vault.table('refund_consent_withdrawal', {
  consentId: text('consent_id')
    .primaryKey()
    .references(() => refundConsents.consentId),
  reason: text('reason').notNull(),
  withdrawnBy: text('withdrawn_by').notNull(),
  withdrawnAt: instant('withdrawn_at').notNull(),
});

/** 公金受取口座: obtained for one refund and used for it once. The account itself lies in the spool. */
export const refundAccounts = vault.table(
  'refund_account',
  {
    refundId: text('refund_id').primaryKey(),
    pushRequestId: text('push_request_id')
      .notNull()
      .references(() => pushes.pushRequestId),
    vaultRef: text('vault_ref').notNull(),
    /** Spool item; none once it was erased. */
    accountRef: text('account_ref'),
    /** Whether the holder's kana are the taxpayer's; if not, a person decides. */
    holderMatches: boolean('holder_matches').notNull(),
    obtainedAt: instant('obtained_at').notNull(),
    takenBy: text('taken_by'),
    takenAt: instant('taken_at'),
    paymentId: text('payment_id').unique('refund_account_payment'),
    /** Spool item: the transfer record (全銀); none once it was erased. */
    paymentRef: text('payment_ref'),
    confirmedAt: instant('confirmed_at'),
    erasedAt: instant('erased_at'),
    /** When the consent was withdrawn: from then on nothing is paid to it that stands in no payment file yet. */
    consentWithdrawnAt: instant('consent_withdrawn_at'),
  },
  () => [
    check('refund_account_taken', sql`num_nulls(taken_by, taken_at, payment_id) in (0, 3)`),
    check('refund_account_confirmed', sql`confirmed_at is null or taken_at is not null`),
    check('refund_account_erased', sql`erased_at is null or (account_ref is null and payment_ref is null)`),
  ],
);
