import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { day, instant } from '../columns.js';
import { vault } from './tables.js';

export const TASK_STATES = ['ended', 'resumed'] as const;

/**
 * 事務の終了・再開: what was said about the task (事務) for which a number is kept, a row each time. The last word for each
 * purpose counts; retention runs when the task of every purpose that was ever spoken of has ended.
 */
export const taskChanges = vault.table(
  'task_change',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** Of a number that was locked when it was said. */
    vaultRef: text('vault_ref').notNull(),
    purpose: text('purpose').notNull(),
    state: text('state', { enum: TASK_STATES }).notNull(),
    /** Of an end: the rule under which the number is kept from then on, and what it comes to. */
    retentionClass: text('retention_class'),
    endedOn: day('ended_on'),
    erasableFrom: day('erasable_from'),
    reason: text('reason').notNull(),
    caseRef: text('case_ref').notNull(),
    statedBy: text('stated_by').notNull(),
    statedAt: instant('stated_at').notNull(),
  },
  (t) => [
    index('task_change_last').on(t.vaultRef, t.purpose, t.id),
    check('task_change_state_known', sql`state in ('ended', 'resumed')`),
    check(
      'task_change_end_whole',
      sql`num_nonnulls(retention_class, ended_on, erasable_from) = case state when 'ended' then 3 else 0 end`,
    ),
  ],
);

/** 消去候補の抽出: one making of the list of candidates (handbook 11 §6 point 1). Its list goes, it stays. */
export const retentionRuns = vault.table(
  'retention_run',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** The day in Japan for which it looked; a candidate is erasable on it. */
    day: day('day').notNull(),
    /** Day after that of the run before: what became erasable from then on is new. None in the first run. */
    periodFrom: day('period_from'),
    /** `schedule`, or `operator:…`. */
    startedBy: text('started_by').notNull(),
    startedAt: instant('started_at').notNull(),
    /** The retention rules in force on the day: class, first day, years. */
    rules: jsonb('rules').notNull(),
    candidates: integer('candidates').notNull(),
    /** Candidates that became erasable in the period. */
    newlyDue: integer('newly_due').notNull(),
    /** False when there were more than one list holds. */
    isWhole: boolean('is_whole').notNull(),
    /** SHA-256 of the sorted references, as in a certificate of erasure. */
    refsDigest: text('refs_digest').notNull(),
    /** Number (通番) of the intent's entry in the log. */
    intentEntry: bigint('intent_entry', { mode: 'bigint' }).notNull(),
  },
  (t) => [
    uniqueIndex('retention_run_nightly')
      .on(t.day)
      .where(sql`started_by = 'schedule'`),
  ],
);

/** 消去候補: the list of a run. No journal: lists of runs long past are cleared away. */
export const retentionCandidates = vault.table(
  'retention_candidate',
  {
    runId: bigint('run_id', { mode: 'bigint' })
      .notNull()
      .references(() => retentionRuns.id),
    vaultRef: text('vault_ref').notNull(),
    erasableFrom: day('erasable_from').notNull(),
    retentionClass: text('retention_class'),
    /** 利用目的 whose task ended last: its people decide. */
    purpose: text('purpose'),
  },
  (t) => [primaryKey({ columns: [t.runId, t.erasableFrom, t.vaultRef] })],
);
