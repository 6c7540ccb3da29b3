import { sql } from 'drizzle-orm';
import { bigint, check, index, text, unique } from 'drizzle-orm/pg-core';
import { instant } from '../columns.js';
import { vault } from './tables.js';

/**
 * 封緘: a code in a sealed envelope, by which a break-glass credential is opened once. Insert-only; the last one counts.
 */
export const breakGlassSeals = vault.table(
  'break_glass_seal',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** `BG-…`, as the envelope is labelled. */
    breakGlassId: text('break_glass_id').notNull(),
    /** 封印番号 */
    sealNo: text('seal_no').notNull(),
    /** SHA-256 of the code, `sha256:…`. */
    codeDigest: text('code_digest').notNull(),
    /** The officer of the vault's register who answers for it. */
    enteredBy: text('entered_by').notNull(),
    enteredAt: instant('entered_at').notNull(),
  },
  (t) => [
    index('break_glass_seal_of').on(t.breakGlassId, t.id),
    unique('break_glass_seal_once').on(t.breakGlassId, t.sealNo),
    check('break_glass_id_form', sql`break_glass_id ~ '^BG-[A-Za-z0-9-]{1,32}$'`),
  ],
);

/** 開封: two people who were present, for an hour at most (handbook 15 §6.4). A seal is broken once. Insert-only. */
export const breakGlassOpenings = vault.table(
  'break_glass_opening',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** The approval of the second person, by whose number uses name it: `AP-…`. */
    openingId: text('opening_id').notNull().unique(),
    sealId: bigint('seal_id', { mode: 'bigint' })
      .notNull()
      .unique()
      .references(() => breakGlassSeals.id),
    openedBy: text('opened_by').notNull(),
    /** 立会者: who approved, within the five minutes before. */
    secondedBy: text('seconded_by').notNull(),
    terminalId: text('terminal_id').notNull(),
    purpose: text('purpose').notNull(),
    basis: text('basis').notNull(),
    caseRef: text('case_ref').notNull(),
    reason: text('reason').notNull(),
    openedAt: instant('opened_at').notNull(),
    /** Exclusive. */
    until: instant('until').notNull(),
  },
  () => [
    check('break_glass_two_people', sql`opened_by <> seconded_by`),
    check('break_glass_an_hour', sql`until > opened_at and until <= opened_at + interval '60 minutes'`),
  ],
);

/** 緊急時利用: a subject that was asked for under an opening; it counts before it is shown. Insert-only. */
export const breakGlassUses = vault.table(
  'break_glass_use',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    openingId: text('opening_id')
      .notNull()
      .references(() => breakGlassOpenings.openingId),
    vaultRef: text('vault_ref').notNull(),
    caseRef: text('case_ref').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [index('break_glass_use_of').on(t.openingId, t.id)],
);

/** Uses of which it is certain that nothing was shown: they count no longer. Insert-only. */
export const breakGlassReturns = vault.table('break_glass_return', {
  useId: bigint('use_id', { mode: 'bigint' })
    .primaryKey()
    .references(() => breakGlassUses.id),
  at: instant('at').notNull(),
});

export const BREAK_GLASS_OUTCOMES = ['justified', 'unjustified'] as const;

/** 点検: what two officers who were neither of the two found; before it nothing is sealed anew. Insert-only. */
export const breakGlassReviews = vault.table(
  'break_glass_review',
  {
    openingId: text('opening_id')
      .primaryKey()
      .references(() => breakGlassOpenings.openingId),
    outcome: text('outcome', { enum: BREAK_GLASS_OUTCOMES }).notNull(),
    finding: text('finding').notNull(),
    reviewedBy: text('reviewed_by').notNull(),
    approvedBy: text('approved_by').notNull(),
    approvalId: text('approval_id').notNull(),
    reviewedAt: instant('reviewed_at').notNull(),
  },
  () => [
    check('break_glass_outcome_known', sql`outcome in ('justified', 'unjustified')`),
    check('break_glass_review_two_people', sql`reviewed_by <> approved_by`),
  ],
);
