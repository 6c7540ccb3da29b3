import { index, text, uuid } from 'drizzle-orm/pg-core';
import { instant, records, rowId } from './columns.js';

/** 更新記録: who changed something, when, why, by which request. Each journal row names one. Insert-only. */
export const changes = records.table('change', {
  id: rowId(),
  at: instant('at').notNull().defaultNow(),
  actorId: text('actor_id').notNull(),
  purpose: text('purpose').notNull(),
  caseRef: text('case_ref'),
  requestId: uuid('request_id').notNull(),
  action: text('action').notNull(),
});

/** 冪等キー: the first outcome of a mutation, kept so that a repeat answers the same and changes nothing. Insert-only. */
export const idempotencyKeys = records.table(
  'idempotency_key',
  {
    actorId: text('actor_id').notNull(),
    key: text('key').notNull(),
    action: text('action').notNull(),
    inputDigest: text('input_digest').notNull(),
    outcome: text('outcome').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [index('idempotency_key_at').on(t.at)],
);
