import { sql } from 'drizzle-orm';
import { bigint, check, integer, jsonb, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, instant } from '../columns.js';
import { vault } from './tables.js';

/** 鍵の種別: one purpose and one algorithm each (handbook 14 §3). */
export const KEY_CLASSES = [
  'subject',
  'index',
  'input',
  'certificate',
  'factor',
  'document',
  'intermediary',
  'spool',
  'file',
  'transfer',
  'result',
] as const;

/** 鍵の状態 (NIST SP 800-57; handbook 14 §3). `deactivated` only decrypts. */
export const KEY_STATES = ['preActive', 'active', 'deactivated', 'compromised', 'destroyed'] as const;

/** 鍵: wrapped under the root key, which is never here. A destroyed key has lost its bytes. */
export const keys = vault.table(
  'key',
  {
    /** `<class>-<version>`, e.g. `subject-3`. */
    keyId: text('key_id').primaryKey(),
    class: text('class', { enum: KEY_CLASSES }).notNull(),
    version: integer('version').notNull(),
    state: text('state', { enum: KEY_STATES }).notNull(),
    wrapNonce: bytes('wrap_nonce'),
    wrapped: bytes('wrapped'),
    /** Public JWK of a key pair. */
    publicJwk: jsonb('public_jwk'),
    /** Encryptions or wraps done with it: retired before NIST SP 800-38D's bound. */
    uses: bigint('uses', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    createdAt: instant('created_at').notNull(),
    activatedAt: instant('activated_at'),
    deactivatedAt: instant('deactivated_at'),
    destroyedAt: instant('destroyed_at'),
  },
  (t) => [
    uniqueIndex('key_class_version').on(t.class, t.version),
    uniqueIndex('key_one_active')
      .on(t.class)
      .where(sql`state = 'active'`),
    check(
      'key_class_known',
      sql`class in ('subject', 'index', 'input', 'certificate', 'factor', 'document', 'intermediary', 'spool', 'file',
        'transfer', 'result')`,
    ),
    check(
      'key_state_known',
      sql`state in ('preActive', 'active', 'deactivated', 'compromised', 'destroyed')`,
    ),
    check('key_destroyed_has_no_bytes', sql`(state = 'destroyed') = (wrapped is null)`),
    check('key_id_form', sql`key_id = class || '-' || version`),
  ],
);

/** 鍵の種別ごとの下限: versions of a class below it open nothing any more, whatever their state. */
export const keyClasses = vault.table(
  'key_class',
  {
    class: text('class', { enum: KEY_CLASSES }).primaryKey(),
    minVersion: integer('min_version').notNull().default(1),
  },
  () => [check('key_class_min_version', sql`min_version >= 1`)],
);

/** 封印: how the root key is got back when the vault is opened. One row. */
export const seal = vault.table(
  'seal',
  {
    onlyRow: text('only_row').primaryKey().default('seal'),
    /** `passphrase` or the name of a key service. */
    method: text('method').notNull(),
    /** What the method needs beside the secret: parameters, salt, wrapped root key, label of a key. Never the key. */
    envelope: jsonb('envelope').notNull(),
    /** HMAC of a constant under the root key: a wrong root key is known before anything is opened with it. */
    check: bytes('check_value').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  () => [check('seal_only_row', sql`only_row = 'seal'`)],
);

export const ROTATION_STATES = ['running', 'paused', 'done'] as const;

/** 鍵更新: one rotation of a class of keys, in batches with a cursor, so that it goes on where it stopped. */
export const rotations = vault.table(
  'rotation',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    class: text('class', { enum: KEY_CLASSES }).notNull(),
    toVersion: integer('to_version').notNull(),
    state: text('state', { enum: ROTATION_STATES }).notNull(),
    /** Last vault reference done. */
    cursor: text('cursor').notNull().default(''),
    done: bigint('done', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    total: bigint('total', { mode: 'bigint' }).notNull(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    uniqueIndex('rotation_one_running')
      .on(t.class)
      .where(sql`state <> 'done'`),
    check('rotation_state_known', sql`state in ('running', 'paused', 'done')`),
  ],
);
