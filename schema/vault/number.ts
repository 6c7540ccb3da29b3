import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, day, instant } from '../columns.js';
import { vault } from './tables.js';

export const NUMBER_STATES = ['active', 'superseded', 'erased'] as const;

/**
 * 個人番号: one number of one person, encrypted. An erased row keeps its reference and its state and nothing else, so
 * that "erased" can be told from "never registered".
 */
export const numbers = vault.table(
  'number',
  {
    /** 保管庫参照: the random name everyone else knows. */
    vaultRef: text('vault_ref').primaryKey(),
    state: text('state', { enum: NUMBER_STATES }).notNull(),
    recordVersion: integer('record_version').notNull(),
    keyId: text('key_id'),
    kekVersion: integer('kek_version'),
    wrapNonce: bytes('wrap_nonce'),
    wrappedDek: bytes('wrapped_dek'),
    nonce: bytes('nonce'),
    /** With its tag. */
    ciphertext: bytes('ciphertext'),
    /** 団体内統合宛名番号, 15 digits: the key to the intermediary server. */
    unifiedAddresseeNo: text('unified_addressee_no'),
    registeredAt: instant('registered_at').notNull(),
    supersededAt: instant('superseded_at'),
    /** The reference of the number that came after it (番号変更). */
    supersededBy: text('superseded_by'),
    erasedAt: instant('erased_at'),
    /** Day from which retention lets it go; null while the task lasts. */
    retentionEndsOn: day('retention_ends_on'),
    /** 保存期間の種別 and 利用目的 of the task that ended last, by which that day was found. */
    retentionClass: text('retention_class'),
    retentionPurpose: text('retention_purpose'),
  },
  (t) => [
    index('number_key').on(t.kekVersion, t.vaultRef),
    index('number_unified').on(t.unifiedAddresseeNo),
    index('number_retention')
      .on(t.retentionEndsOn)
      .where(sql`retention_ends_on is not null and state <> 'erased'`),
    check('number_ref_form', sql`vault_ref ~ '^vr_[0-9A-HJKMNP-TV-Z]{26}$'`),
    check('number_state_known', sql`state in ('active', 'superseded', 'erased')`),
    check('number_erased_is_empty', sql`(state = 'erased') = (ciphertext is null)`),
    check(
      'number_sealed_whole',
      sql`num_nulls(key_id, kek_version, wrap_nonce, wrapped_dek, nonce, ciphertext) in (0, 6)`,
    ),
    check('number_unified_form', sql`unified_addressee_no ~ '^[0-9]{15}$'`),
  ],
);

/**
 * 索引値: keyed, treated as the number itself. A table of its own, so that no role of reports reads both. Two versions
 * stand side by side while the index key is rotated.
 */
export const numberIndex = vault.table(
  'number_index',
  {
    version: integer('version').notNull(),
    value: bytes('value').notNull(),
    vaultRef: text('vault_ref')
      .notNull()
      .references(() => numbers.vaultRef),
  },
  (t) => [
    primaryKey({ columns: [t.version, t.value] }),
    uniqueIndex('number_index_ref').on(t.vaultRef, t.version),
    check('number_index_length', sql`octet_length(value) = 16`),
  ],
);

/** 消去保留: while one stands, the number is not erased. */
export const holds = vault.table(
  'hold',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    vaultRef: text('vault_ref')
      .notNull()
      .references(() => numbers.vaultRef),
    reason: text('reason').notNull(),
    placedBy: text('placed_by').notNull(),
    placedApprovedBy: text('placed_approved_by').notNull(),
    placedAt: instant('placed_at').notNull(),
    releasedBy: text('released_by'),
    releasedApprovedBy: text('released_approved_by'),
    releasedAt: instant('released_at'),
  },
  (t) => [
    index('hold_standing')
      .on(t.vaultRef)
      .where(sql`released_at is null`),
  ],
);
