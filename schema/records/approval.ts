import { sql } from 'drizzle-orm';
import { check, index, text } from 'drizzle-orm/pg-core';
import { access, departments, orderedId, roles, staff } from './access.js';
import { changes } from './change.js';
import { day, instant, rowRef } from './columns.js';

/** What a second administrator approves: 役割の付与, 認証要素の再登録, 停止の解除, 保管庫の職員との対応. */
export const APPROVAL_KINDS = [
  'grantRole',
  'resetCredentials',
  'reactivateStaff',
  'linkVaultPerson',
] as const;

const changeId = () =>
  rowRef('change_id')
    .notNull()
    .references(() => changes.id);

/** 承認依頼 (二人承認; handbook 15 §6.3): what one administrator asks another to approve. Insert-only; persons count. */
export const approvalRequests = access.table(
  'approval_request',
  {
    id: orderedId(),
    kind: text('kind', { enum: APPROVAL_KINDS }).notNull(),
    /** Whom it is about. */
    staffId: text('staff_id')
      .notNull()
      .references(() => staff.staffId),
    role: text('role').references(() => roles.name),
    /** 所属 for which the role will hold: that of its first day, when it was asked for. */
    department: text('department').references(() => departments.code),
    validFrom: day('valid_from'),
    validTo: day('valid_to'),
    /** Person of the vault's own register (保管庫の職員) with whom the account will be linked. */
    vaultPersonId: text('vault_person_id'),
    /** Of exactly what will be done. */
    contentDigest: text('content_digest').notNull(),
    /** `personId`, never an account. */
    requestedBy: text('requested_by').notNull(),
    requestedAt: instant('requested_at').notNull(),
    reason: text('reason').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('approval_request_kind').on(t.kind, t.requestedAt),
    check(
      'approval_request_kind_known',
      sql`kind in ('grantRole', 'resetCredentials', 'reactivateStaff', 'linkVaultPerson')`,
    ),
    check(
      'approval_request_content',
      sql`num_nonnulls(role, department) = 2 * (kind = 'grantRole')::integer
        and (valid_from is not null) = (kind in ('grantRole', 'linkVaultPerson'))
        and (valid_to is null or kind = 'grantRole')
        and (vault_person_id is not null) = (kind = 'linkVaultPerson')`,
    ),
  ],
);

/** 内容の確認: who opened the summary of a request, and when. Insert-only. */
export const approvalOpenings = access.table(
  'approval_opening',
  {
    id: orderedId(),
    requestId: rowRef('request_id')
      .notNull()
      .references(() => approvalRequests.id),
    openedBy: text('opened_by').notNull(),
    openedAt: instant('opened_at').notNull(),
    changeId: changeId(),
  },
  (t) => [index('approval_opening_request').on(t.requestId, t.id)],
);

/** 承認・否認: the second person's decision, at most one. Insert-only. */
export const approvalDecisions = access.table(
  'approval_decision',
  {
    requestId: rowRef('request_id')
      .primaryKey()
      .references(() => approvalRequests.id),
    outcome: text('outcome', { enum: ['approved', 'refused'] }).notNull(),
    decidedBy: text('decided_by').notNull(),
    decidedAt: instant('decided_at').notNull(),
    reason: text('reason').notNull(),
    changeId: changeId(),
  },
  (t) => [
    index('approval_decision_at').on(t.decidedAt),
    check('approval_decision_outcome_known', sql`outcome in ('approved', 'refused')`),
  ],
);

/** 承認の使用: what was approved was done, once. Insert-only. */
export const approvalUses = access.table('approval_use', {
  requestId: rowRef('request_id')
    .primaryKey()
    .references(() => approvalDecisions.requestId),
  usedAt: instant('used_at').notNull(),
  changeId: changeId(),
});
