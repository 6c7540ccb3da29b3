import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, text, unique, uuid } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { instant, records, rowId, rowRef } from './columns.js';
import { refunds } from './refund.js';

/** 手続: 符号取得, 公金受取口座の照会. */
export const PUSH_PROCEDURE_WORDS = ['acquireCode', 'inquireRefundAccount'] as const;

/** 連携状態. The first four arise here; the others the vault's journal tells, a cancellation either of the two. */
export const PUSH_STATE_WORDS = [
  'WAITING',
  'HANDED_OVER',
  'AWAITING_SIGNATURE',
  'NOT_ACCEPTED',
  'CANCELLED',
  'ACCEPTED',
  'SENDING',
  'PENDING',
  'RETRY_WAIT',
  'INDETERMINATE',
  'DONE',
  'REFUSED',
  'FAILED',
  'EXPIRED',
] as const;

const LOCAL_STATES = PUSH_STATE_WORDS.slice(0, 5);
const VAULT_STATES = PUSH_STATE_WORDS.slice(4);

const listed = (words: readonly string[]) => sql.raw(words.map((word) => `'${word}'`).join(', '));

/**
 * 中間サーバーへの連携依頼: what was asked to be pushed, for whom and why; nothing that was signed, no number, no account
 * (handbook 12 §4, §7). Insert-only; what became of it stands in `push_state`.
 */
export const pushRequests = records.table(
  'push_request',
  {
    /** Made by the program that asks (UUIDv7); the vault knows the push by it for ever. */
    pushRequestId: uuid('push_request_id').primaryKey(),
    procedure: text('procedure', { enum: PUSH_PROCEDURE_WORDS }).notNull(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    refundId: rowRef('refund_id').references(() => refunds.id),
    /** 同意番号 of the vault. */
    consentId: text('consent_id'),
    /** Digest of the signed body, which a renewed signature must cover again. */
    bodyDigest: text('body_digest').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('push_request_addressee').on(t.addresseeNo, t.pushRequestId),
    index('push_request_refund')
      .on(t.refundId, t.pushRequestId)
      .where(sql`refund_id is not null`),
    check('push_request_procedure_known', sql`${t.procedure} in (${listed(PUSH_PROCEDURE_WORDS)})`),
    check(
      'push_request_refund_with_consent',
      sql`num_nonnulls(${t.refundId}, ${t.consentId}) = 2 * (${t.procedure} = 'inquireRefundAccount')::integer`,
    ),
  ],
);

/** 署名: each signature of a push, the first and the renewed ones; not the signature itself. Insert-only. */
export const pushSignatures = records.table(
  'push_signature',
  {
    id: rowId(),
    pushRequestId: uuid('push_request_id')
      .notNull()
      .references(() => pushRequests.pushRequestId),
    /** Until then the vault takes it. */
    validUntil: instant('valid_until').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('push_signature_request').on(t.pushRequestId, t.id)],
);

/**
 * 引渡し待ち: what a terminal signed, as it came, until the worker has handed it to the vault. The row goes with the
 * handover, so that nothing signed lies around.
 */
export const pushOutbox = records.table(
  'push_outbox',
  {
    pushRequestId: uuid('push_request_id')
      .primaryKey()
      .references(() => pushRequests.pushRequestId),
    assertion: text('assertion').notNull(),
    body: text('body').notNull(),
    validUntil: instant('valid_until').notNull(),
    /** When it is tried next. */
    dueAt: instant('due_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('push_outbox_due').on(t.dueAt)],
);

/**
 * 連携状態の履歴: each state of a push, those of the vault's journal with their sequence, once. Insert-only. A state
 * without sequence arose here.
 */
export const pushStates = records.table(
  'push_state',
  {
    id: rowId(),
    pushRequestId: uuid('push_request_id')
      .notNull()
      .references(() => pushRequests.pushRequestId),
    state: text('state', { enum: PUSH_STATE_WORDS }).notNull(),
    at: instant('at').notNull(),
    vaultSequence: rowRef('vault_sequence'),
    /** 世代 of the vault's journal: one more each time a restored vault began it anew. */
    vaultGeneration: integer('vault_generation').notNull().default(0),
    /** How often the vault had sent the message until then. */
    attempt: integer('attempt'),
    reason: text('reason'),
    receiptDigest: text('receipt_digest'),
    nextAttemptAt: instant('next_attempt_at'),
    /** 取消理由, in the words of whoever cancelled it. */
    cancelReason: text('cancel_reason'),
    recordedAt: instant('recorded_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    changeId: rowRef('change_id').references(() => changes.id),
  },
  (t) => [
    index('push_state_request').on(t.pushRequestId, t.recordedAt, t.id),
    unique('push_state_sequence_once').on(t.vaultSequence, t.vaultGeneration),
    check('push_state_cancelled', sql`${t.cancelReason} is null or ${t.state} = 'CANCELLED'`),
    check('push_state_state_known', sql`${t.state} in (${listed(PUSH_STATE_WORDS)})`),
    // Whoever may not name a sequence cannot say what only the vault knows.
    check(
      'push_state_of_its_source',
      sql`case when ${t.vaultSequence} is null then ${t.state} in (${listed(LOCAL_STATES)})
        else ${t.state} in (${listed(VAULT_STATES)}) end`,
    ),
  ],
);

/**
 * 連携状態: the newest state of each push; what the vault says goes before what is known here. Derived from
 * `push_state` by a trigger; nobody else writes it.
 */
export const pushStandings = records.table(
  'push_standing',
  {
    pushRequestId: uuid('push_request_id').primaryKey(),
    state: text('state', { enum: PUSH_STATE_WORDS }).notNull(),
    at: instant('at').notNull(),
    vaultSequence: rowRef('vault_sequence'),
    vaultGeneration: integer('vault_generation').notNull().default(0),
    attempt: integer('attempt'),
    reason: text('reason'),
    receiptDigest: text('receipt_digest'),
    nextAttemptAt: instant('next_attempt_at'),
    cancelReason: text('cancel_reason'),
  },
  (t) => [
    index('push_standing_state').on(t.state, t.pushRequestId),
    check('push_standing_state_known', sql`${t.state} in (${listed(PUSH_STATE_WORDS)})`),
  ],
);

/** How far the vault's journal was read: one row, which one worker holds at a time. */
export const pushCursors = records.table(
  'push_cursor',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    sequence: rowRef('sequence').notNull(),
    /** Digest of the change of that sequence: a journal that has another there is not the one that was read. */
    changeDigest: text('change_digest').notNull().default(''),
    /** 世代: how often a restored vault has made it begin anew. */
    generation: integer('generation').notNull().default(0),
  },
  (t) => [check('push_cursor_one', sql`${t.onlyRow}`)],
);
