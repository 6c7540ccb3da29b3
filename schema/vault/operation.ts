import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { day, instant } from '../columns.js';
import { vault } from './tables.js';

/** 使用済みの操作認証: each assertion works once; kept until its end and 24 hours more (handbook 15 §5). */
export const usedAssertions = vault.table(
  'used_assertion',
  {
    jti: text('jti').primaryKey(),
    bodyDigest: text('body_digest').notNull(),
    op: text('op').notNull(),
    subjects: text('subjects').notNull(),
    personId: text('person_id').notNull(),
    requestId: text('request_id').notNull(),
    /** `unknown` until the effect has ended. */
    outcome: text('outcome', { enum: ['unknown', 'done', 'refused'] }).notNull(),
    /** What may be told again; never of an operation that shows a number. */
    result: jsonb('result'),
    keptUntil: instant('kept_until').notNull(),
  },
  (t) => [index('used_assertion_kept').on(t.keptUntil)],
);

/** 開示件数: what counts against a person's or a unit's budget (handbook 15 §6.5). */
export const budgetUses = vault.table(
  'budget_use',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    personId: text('person_id').notNull(),
    unit: text('unit').notNull(),
    /** `reveal`, `lookup` or `refusal`. */
    kind: text('kind', { enum: ['reveal', 'lookup', 'refusal'] }).notNull(),
    subjects: integer('subjects').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    index('budget_use_person').on(t.personId, t.kind, t.at),
    index('budget_use_unit').on(t.unit, t.kind, t.at),
  ],
);

export const APPROVAL_STATES = ['requested', 'approved', 'refused', 'consumed', 'void'] as const;

/** 二人承認: what is approved is a digest; one changed byte is another request (handbook 15 §6.3). */
export const approvals = vault.table(
  'approval',
  {
    /** `AP-…` */
    approvalId: text('approval_id').primaryKey(),
    kind: text('kind').notNull(),
    /** SHA-256 of the canonical content, `sha256:…`. */
    contentDigest: text('content_digest').notNull(),
    /** What the approver is shown: counts and keys, never a number. */
    summary: jsonb('summary').notNull(),
    state: text('state', { enum: APPROVAL_STATES }).notNull(),
    requestedBy: text('requested_by').notNull(),
    requestedAt: instant('requested_at').notNull(),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
    consumedAt: instant('consumed_at'),
  },
  (t) => [
    index('approval_ring').on(t.kind, t.decidedAt),
    index('approval_decided').on(t.decidedAt),
    check('approval_two_people', sql`decided_by is null or decided_by <> requested_by`),
    check('approval_state_known', sql`state in ('requested', 'approved', 'refused', 'consumed', 'void')`),
  ],
);

/** 内容確認: who has opened the summary of a request; only he may approve it. */
export const approvalOpenings = vault.table(
  'approval_opening',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    approvalId: text('approval_id')
      .notNull()
      .references(() => approvals.approvalId, { onDelete: 'cascade' }),
    openedBy: text('opened_by').notNull(),
    openedAt: instant('opened_at').notNull(),
  },
  (t) => [index('approval_opening_by').on(t.approvalId, t.openedBy, t.id)],
);

/** 消去記録: permanent; holds no number and no index. Replayed after every restore, before service opens. */
export const erasures = vault.table(
  'erasure',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    vaultRef: text('vault_ref').notNull(),
    /** Of the certificate that covers it. */
    certificateId: text('certificate_id').notNull(),
    reason: text('reason').notNull(),
    requestedBy: text('requested_by').notNull(),
    approvedBy: text('approved_by').notNull(),
    /** What the certificate says beside: file, basis, approval, keys; the same for all of one certificate. */
    particulars: jsonb('particulars').notNull(),
    startedAt: instant('started_at').notNull(),
    /** When the last of ciphertext, wrapped key, shred key and index was gone. */
    doneAt: instant('done_at'),
  },
  (t) => [uniqueIndex('erasure_ref').on(t.vaultRef), index('erasure_by_certificate').on(t.certificateId)],
);

/** 消去証明書: signed, as it was handed out. */
export const certificates = vault.table('erasure_certificate', {
  certificateId: text('certificate_id').primaryKey(),
  /** Compact JWS, Ed25519. */
  signed: text('signed').notNull(),
  issuedAt: instant('issued_at').notNull(),
});

/** 保存期間の種別 (handbook 11 §4.4), dated. */
export const retentionRules = vault.table(
  'retention_rule',
  {
    class: text('class').notNull(),
    years: integer('years').notNull(),
    validFrom: day('valid_from').notNull(),
    basis: text('basis').notNull(),
  },
  (t) => [primaryKey({ columns: [t.class, t.validFrom] })],
);
