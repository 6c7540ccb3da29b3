import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { access, orderedId, serviceAccounts, staff } from './access.js';
import { changes } from './change.js';
import { bytes, instant, rowRef } from './columns.js';

export const CREDENTIAL_KINDS = ['password', 'totp', 'webauthn', 'icCard'] as const;

/**
 * 認証要素: a verifier, never a secret in the clear. Password: `material` is HMAC-SHA-256(pepper, argon2id tag) and
 * `parameters` the cost and salt. TOTP: `material` is nonce, AES-256-GCM ciphertext and tag; `lastStep` the last time
 * step accepted, so that each is accepted once. `keyId` names the pepper or the key.
 */
export const credentials = access.table(
  'credential',
  {
    id: orderedId(),
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    kind: text('kind', { enum: CREDENTIAL_KINDS }).notNull(),
    state: text('state', { enum: ['enrolling', 'active', 'ended'] }).notNull(),
    material: bytes('material').notNull(),
    parameters: text('parameters').notNull(),
    keyId: text('key_id').notNull(),
    lastStep: bigint('last_step', { mode: 'bigint' }),
    createdAt: instant('created_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    uniqueIndex('credential_one_active')
      .on(t.staffId, t.kind)
      .where(sql`state = 'active'`),
    uniqueIndex('credential_one_enrolling')
      .on(t.staffId, t.kind)
      .where(sql`state = 'enrolling'`),
    check('credential_state_known', sql`state in ('enrolling', 'active', 'ended')`),
  ],
);

/** 初期登録: a code (SHA-256 kept) that lets a person set password and second factor, once, before it expires. */
export const enrolments = access.table(
  'enrolment',
  {
    id: orderedId(),
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    codeSha256: bytes('code_sha256').notNull().unique(),
    expiresAt: instant('expires_at').notNull(),
    endedAt: instant('ended_at'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('enrolment_staff').on(t.staffId)],
);

export const SIGN_IN_EVENTS = ['started', 'succeeded', 'failed', 'abandoned', 'unlocked'] as const;

/**
 * 認証試行: each try to prove who one is. A try is `started` before anything is verified and counts as a failure until
 * a row that names it says otherwise, so that tries in parallel cannot outrun the lockout. Insert-only.
 */
export const signInEvents = access.table(
  'sign_in_event',
  {
    id: orderedId(),
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    kind: text('kind', { enum: SIGN_IN_EVENTS }).notNull(),
    attemptId: rowRef('attempt_id'),
    at: instant('at').notNull(),
  },
  (t) => [
    index('sign_in_event_staff').on(t.staffId, t.at, t.id),
    uniqueIndex('sign_in_event_attempt').on(t.attemptId),
    check(
      'sign_in_event_kind_known',
      sql`kind in ('started', 'succeeded', 'failed', 'abandoned', 'unlocked')`,
    ),
    check(
      'sign_in_event_result',
      sql`(attempt_id is not null) = (kind in ('succeeded', 'failed', 'abandoned'))`,
    ),
  ],
);

/** セッション: one sign-in. Read at every decision; ended rows stay. */
export const sessions = access.table(
  'session',
  {
    id: uuid('id').primaryKey(),
    staffId: text('staff_id').references(() => staff.staffId),
    clientId: text('client_id').references(() => serviceAccounts.clientId),
    terminal: text('terminal').notNull(),
    clientApp: text('client_app').notNull(),
    strength: text('strength').notNull(),
    openedAt: instant('opened_at').notNull(),
    absoluteUntil: instant('absolute_until').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    endedAt: instant('ended_at'),
    endedReason: text('ended_reason'),
  },
  (t) => [
    index('session_staff_open')
      .on(t.staffId)
      .where(sql`ended_at is null`),
    index('session_client_open')
      .on(t.clientId)
      .where(sql`ended_at is null`),
    check('session_one_holder', sql`num_nonnulls(staff_id, client_id) = 1`),
    check('session_end', sql`(ended_at is null) = (ended_reason is null)`),
  ],
);

/** 更新トークン: SHA-256 of an opaque token that renews a session once. All tokens of a session are one family. */
export const refreshTokens = access.table(
  'refresh_token',
  {
    sha256: bytes('sha256').primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id),
    generation: integer('generation').notNull(),
    issuedAt: instant('issued_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [unique('refresh_token_generation').on(t.sessionId, t.generation)],
);

/** 再認証: a fresh second factor of a session for one purpose (handbook 15 §3). Insert-only. */
export const stepUps = access.table(
  'step_up',
  {
    id: orderedId(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id),
    purpose: text('purpose').notNull(),
    until: instant('until').notNull(),
  },
  (t) => [index('step_up_session').on(t.sessionId, t.until)],
);

/** 使用済アサーション: a client assertion is accepted once (RFC 7523 §3). Insert-only; purged a day after expiry. */
export const clientAssertions = access.table(
  'client_assertion',
  {
    clientId: text('client_id').notNull(),
    jti: text('jti').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.jti] }), index('client_assertion_expiry').on(t.expiresAt)],
);

/** 外部認証要求: one sign-in under way at the outside OpenID provider. */
export const oidcRequests = access.table(
  'oidc_request',
  {
    stateSha256: bytes('state_sha256').primaryKey(),
    browserSha256: bytes('browser_sha256').notNull(),
    nonce: text('nonce').notNull(),
    codeVerifier: text('code_verifier').notNull(),
    terminal: text('terminal').notNull(),
    clientApp: text('client_app').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    pendingSha256: bytes('pending_sha256').unique(),
    staffId: text('staff_id').references(() => staff.staffId),
    secondFactorDone: boolean('second_factor_done').notNull().default(false),
  },
  (t) => [index('oidc_request_expiry').on(t.expiresAt)],
);
