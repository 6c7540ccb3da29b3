import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, text } from 'drizzle-orm/pg-core';
import { instant } from '../columns.js';
import { vault } from './tables.js';

/**
 * 一括照会: one message with many inquiries, each of which is a push of its own. What was sent and answered lies sealed in
 * the spool; the row stays, so that its name is never used again.
 */
export const inquiryBatches = vault.table(
  'inquiry_batch',
  {
    /** Name of the message (UUIDv7); names of its records are made of it. */
    batchId: text('batch_id').primaryKey(),
    /** Of all its lines: who asked, and what for. */
    personId: text('person_id').notNull(),
    unit: text('unit').notNull(),
    purpose: text('purpose').notNull(),
    basis: text('basis').notNull(),
    /** When the oldest of its lines was signed. */
    assertedAt: instant('asserted_at').notNull(),
    lineCount: integer('line_count').notNull(),
    state: text('state').notNull(),
    reason: text('reason').notNull(),
    /** Times the message was sent. */
    attempt: integer('attempt').notNull().default(0),
    /** Times the other side was asked about it, since the state began. */
    inquiries: integer('inquiries').notNull().default(0),
    formedAt: instant('formed_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    /** When to go on; none at the end. */
    nextAttemptAt: instant('next_attempt_at'),
    /** Spool items, in the order of their parts: the envelope that was sent last, and the results. */
    envelopeRefs: text('envelope_refs').array(),
    receiptRefs: text('receipt_refs').array(),
    /** `sha256:…` over the results as they came. */
    receiptDigest: text('receipt_digest'),
    /** What that envelope says of when it was sent. */
    sentAt: instant('sent_at'),
    /** Number (通番) of the entry of the log that was durable before it was sent. */
    intentEntry: bigint('intent_entry', { mode: 'bigint' }),
  },
  (t) => [
    index('inquiry_batch_due')
      .on(t.nextAttemptAt)
      .where(sql`next_attempt_at is not null`),
    check(
      'inquiry_batch_state_known',
      sql`state in ('FORMED', 'SENDING', 'INDETERMINATE', 'RETRY_WAIT', 'PENDING', 'ANSWERED', 'DONE', 'PARTIAL',
  'QUARANTINED', 'REFUSED', 'FAILED', 'EXPIRED', 'DISSOLVED')`,
    ),
    check(
      'inquiry_batch_ends',
      sql`(next_attempt_at is null) = (state in ('DONE', 'PARTIAL', 'QUARANTINED', 'REFUSED', 'FAILED', 'EXPIRED',
  'DISSOLVED'))`,
    ),
    check('inquiry_batch_lines', sql`line_count between 1 and 10000`),
  ],
);
