import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, jsonb, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { changes } from './change.js';
import { day, instant, rowRef } from './columns.js';

/** 利用者・権限: who may sign in, and what their roles let them do (handbook 15 §2). */
export const access = pgSchema('access');

/** A key without a cache: rows written one after the other under one lock have it in that order. */
export const orderedId = () => bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity();

/** 課・係: an organisational unit. `branchCode` 支所 is set when the unit belongs to a branch. */
export const departments = access.table('department', {
  code: text('code').primaryKey(),
  name: text('name').notNull(),
  branchCode: text('branch_code'),
});

export const STAFF_STATES = ['pending', 'active', 'suspended', 'revoked'] as const;

/**
 * 職員アカウント: one account of one natural person (`personId`). Rules that separate people count persons.
 * `revoked` is final and a revoked id is never used again. Employment days are inclusive, in Japan.
 */
export const staff = access.table(
  'staff',
  {
    staffId: text('staff_id').primaryKey(),
    personId: text('person_id').notNull(),
    name: text('name').notNull(),
    kana: text('kana').notNull(),
    state: text('state', { enum: STAFF_STATES }).notNull(),
    employmentFrom: day('employment_from').notNull(),
    employmentTo: day('employment_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('staff_person').on(t.personId),
    check('staff_id_form', sql`staff_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'`),
    check('staff_state_known', sql`state in ('pending', 'active', 'suspended', 'revoked')`),
    check('staff_employment_order', sql`employment_to is null or employment_to >= employment_from`),
  ],
);

export const STAFF_EVENTS = [
  'created',
  'activated',
  'suspended',
  'reactivated',
  'revoked',
  'moved',
  'employmentChanged',
  'credentialsReset',
  'roleGranted',
  'roleRevoked',
  'vaultPersonLinked',
  'vaultPersonUnlinked',
] as const;

/** 職員異動記録: every change of an account, with its reason; who and when are in the change. Insert-only. */
export const staffEvents = access.table(
  'staff_event',
  {
    id: orderedId(),
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    kind: text('kind', { enum: STAFF_EVENTS }).notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('staff_event_staff').on(t.staffId, t.id)],
);

/**
 * 配属: the unit of an account from a day on, until the next one. Insert-only; of two for one day the later row counts.
 * `handoverTo` 引継期間: grants of the former unit hold through that day, at most 14 days (handbook 15 §6.2).
 */
export const postings = access.table(
  'posting',
  {
    id: orderedId(),
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    department: text('department')
      .notNull()
      .references(() => departments.code),
    validFrom: day('valid_from').notNull(),
    handoverTo: day('handover_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('posting_staff').on(t.staffId, t.validFrom, t.id),
    check('posting_handover_length', sql`handover_to between valid_from and valid_from + 13`),
  ],
);

/**
 * 保管庫の職員との対応: which person of the vault's own register an account is, from a day on. Insert-only; of two for one
 * day the later row counts.
 */
export const vaultPersons = access.table(
  'vault_person',
  {
    id: orderedId(),
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    vaultPersonId: text('vault_person_id').notNull(),
    /** False from the day on which they belong together no longer. */
    isLinked: boolean('is_linked').notNull(),
    validFrom: day('valid_from').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('vault_person_staff').on(t.staffId, t.vaultPersonId, t.validFrom, t.id),
    index('vault_person_of').on(t.vaultPersonId),
    check('vault_person_id_form', sql`vault_person_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'`),
  ],
);

/** 役割: a named set of functions and purposes. */
export const roles = access.table('role', {
  name: text('name').primaryKey(),
  title: text('title').notNull(),
  scope: text('scope', { enum: ['municipality', 'branch'] }).notNull(),
});

/** 役割の機能: which function a role holds, and on which days. */
export const roleFunctions = access.table(
  'role_function',
  {
    role: text('role')
      .notNull()
      .references(() => roles.name),
    function: text('function').notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
  },
  (t) => [primaryKey({ columns: [t.role, t.function, t.validFrom] })],
);

/** 役割の利用目的: which purpose a role may name, and on which days. */
export const rolePurposes = access.table(
  'role_purpose',
  {
    role: text('role')
      .notNull()
      .references(() => roles.name),
    purpose: text('purpose').notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
  },
  (t) => [primaryKey({ columns: [t.role, t.purpose, t.validFrom] })],
);

/** サービスアカウント: a job or program that signs in with a key of its own, never with a password. */
export const serviceAccounts = access.table(
  'service_account',
  {
    clientId: text('client_id').primaryKey(),
    name: text('name').notNull(),
    department: text('department')
      .notNull()
      .references(() => departments.code),
    state: text('state', { enum: ['active', 'suspended', 'revoked'] }).notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  () => [
    check('service_account_id_form', sql`client_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'`),
    check('service_account_state_known', sql`state in ('active', 'suspended', 'revoked')`),
  ],
);

/** サービス公開鍵: a public key (JWK, Ed25519) a service account signs its assertions with. */
export const serviceKeys = access.table(
  'service_key',
  {
    kid: text('kid').notNull(),
    clientId: text('client_id')
      .notNull()
      .references(() => serviceAccounts.clientId),
    publicJwk: jsonb('public_jwk').notNull(),
    endedAt: instant('ended_at'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.kid] })],
);

/**
 * 権限付与: a role given to a staff member for a unit, or to a service account, on dated days (inclusive). Insert-only.
 * A grant for a unit the member has left is not in force (handbook 15 §6.2).
 */
export const roleGrants = access.table(
  'role_grant',
  {
    id: orderedId(),
    staffId: text('staff_id').references(() => staff.staffId),
    clientId: text('client_id').references(() => serviceAccounts.clientId),
    role: text('role')
      .notNull()
      .references(() => roles.name),
    department: text('department')
      .notNull()
      .references(() => departments.code),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('role_grant_staff').on(t.staffId),
    index('role_grant_client').on(t.clientId),
    check('role_grant_one_holder', sql`num_nonnulls(staff_id, client_id) = 1`),
    check('role_grant_order', sql`valid_to is null or valid_to >= valid_from`),
  ],
);

/** 権限取消: ends a grant from a day on (that day excluded). Insert-only. */
export const roleGrantRevocations = access.table(
  'role_grant_revocation',
  {
    id: orderedId(),
    grantId: rowRef('grant_id')
      .notNull()
      .references(() => roleGrants.id),
    effectiveOn: day('effective_on').notNull(),
    reason: text('reason').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('role_grant_revocation_grant').on(t.grantId)],
);
