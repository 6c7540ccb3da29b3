import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, jsonb, text } from 'drizzle-orm/pg-core';
import { bytes, day, instant } from '../columns.js';
import { vault } from './tables.js';

/** Roles of the vault (handbook 15 §2). */
export const VAULT_ROLES = [
  'handler',
  'unitOfficer',
  'auditOfficer',
  'chiefOfficer',
  'systemAdmin',
  'keyCustodian',
] as const;

/** 事務取扱担当者ほか: the vault's own register of people; fed and approved apart from the gateway's. */
export const people = vault.table(
  'person',
  {
    personId: text('person_id').primaryKey(),
    unit: text('unit').notNull(),
    role: text('role', { enum: VAULT_ROLES }).notNull(),
    employmentFrom: day('employment_from').notNull(),
    /** Inclusive, through 24:00 in Japan. */
    employmentTo: day('employment_to'),
    trainedOn: day('trained_on'),
    secrecyAcceptedOn: day('secrecy_accepted_on'),
    /** Last day in this unit of a person about to move (異動), through 24:00 in Japan; grants end with it. */
    unitUntil: day('unit_until'),
    /** 即時停止: withdrawn at once (handbook 15 §6.2); final. */
    revokedAt: instant('revoked_at'),
  },
  () => [
    check('person_id_form', sql`person_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'`),
    check(
      'person_role_known',
      sql`role in ('handler', 'unitOfficer', 'auditOfficer', 'chiefOfficer', 'systemAdmin', 'keyCustodian')`,
    ),
  ],
);

export const TERMINAL_ZONES = ['workZone', 'controlZone', 'other'] as const;

/** 端末: numbers are revealed on terminals of a 取扱区域 only. */
export const terminals = vault.table('terminal', {
  terminalId: text('terminal_id').primaryKey(),
  zone: text('zone', { enum: TERMINAL_ZONES }).notNull(),
  unit: text('unit').notNull(),
  revokedAt: instant('revoked_at'),
});

/** 操作認証鍵: the key of one person on one terminal that signs assertions. */
export const credentials = vault.table(
  'credential',
  {
    /** `kid` of the assertion. */
    credentialId: text('credential_id').primaryKey(),
    personId: text('person_id')
      .notNull()
      .references(() => people.personId),
    terminalId: text('terminal_id')
      .notNull()
      .references(() => terminals.terminalId),
    /** Ed25519 (RFC 8037); of an authenticator Ed25519 or P-256. */
    publicJwk: jsonb('public_jwk').notNull(),
    validFrom: instant('valid_from').notNull(),
    /** Assertion keys live for 90 days (handbook 14 §3). */
    validTo: instant('valid_to').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [index('credential_person').on(t.personId)],
);

/** 認証器 (WebAuthn): what is known of a key that an authenticator holds; a key without a row signs by itself. */
export const authenticators = vault.table(
  'authenticator',
  {
    credentialId: text('credential_id')
      .primaryKey()
      .references(() => credentials.credentialId),
    /** Its id at the authenticator, base64url. */
    webauthnId: text('webauthn_id').notNull().unique(),
    /** Of the last signature (32 bits); 0 where none are counted. */
    counter: bigint('counter', { mode: 'bigint' }).notNull(),
    /** Whether the key may leave the authenticator: fixed when it is made. */
    backupEligible: boolean('backup_eligible').notNull(),
    backedUp: boolean('backed_up').notNull(),
  },
  () => [
    check('authenticator_counter_bits', sql`counter between 0 and 4294967295`),
    check('authenticator_backup', sql`backup_eligible or not backed_up`),
  ],
);

/** 再認証の要素: a TOTP secret that only the vault knows, encrypted. */
export const factors = vault.table('factor', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.personId),
  keyId: text('key_id').notNull(),
  nonce: bytes('nonce').notNull(),
  ciphertext: bytes('ciphertext').notNull(),
  /** Each step is taken once (RFC 6238 §5.2). */
  lastStep: bigint('last_step', { mode: 'bigint' }),
  failures: bigint('failures', { mode: 'bigint' })
    .notNull()
    .default(sql`0`),
  lockedUntil: instant('locked_until'),
  /** Failures of the last 24 hours, milliseconds since the epoch, in order. */
  failedAtMs: bigint('failed_at_ms', { mode: 'bigint' })
    .array()
    .notNull()
    .default(sql`'{}'`),
});

/** 再認証: fresh for five minutes, for one purpose, on one terminal (handbook 15 §3). */
export const stepUps = vault.table('step_up', {
  stepUpId: text('step_up_id').primaryKey(),
  personId: text('person_id').notNull(),
  terminalId: text('terminal_id').notNull(),
  purpose: text('purpose').notNull(),
  at: instant('at').notNull(),
  until: instant('until').notNull(),
});

export const GRANT_STATES = ['requested', 'approved', 'suspended', 'withdrawn'] as const;

/** 個人番号利用権限: person × purpose × operations × period (handbook 15 §6.1). Needs two people. */
export const grants = vault.table(
  'number_grant',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    personId: text('person_id')
      .notNull()
      .references(() => people.personId),
    purpose: text('purpose').notNull(),
    operations: text('operations').array().notNull(),
    validFrom: day('valid_from').notNull(),
    /** Inclusive; at most 12 months. */
    validTo: day('valid_to').notNull(),
    state: text('state', { enum: GRANT_STATES }).notNull(),
    requestedBy: text('requested_by').notNull(),
    approvedBy: text('approved_by'),
    /** Last quarterly confirmation (棚卸). */
    confirmedOn: day('confirmed_on'),
    lastUsedOn: day('last_used_on'),
    /** Day of the last suspension or withdrawal: before it the grant could be used. */
    stateSince: day('state_since'),
  },
  (t) => [
    index('number_grant_person').on(t.personId, t.purpose),
    check('number_grant_two_people', sql`approved_by is null or approved_by <> requested_by`),
    check(
      'number_grant_period',
      sql`valid_to between valid_from and (valid_from + interval '12 months')::date`,
    ),
    check('number_grant_some_operation', sql`cardinality(operations) > 0`),
    check('number_grant_approved', sql`state not in ('approved', 'suspended') or approved_by is not null`),
  ],
);
