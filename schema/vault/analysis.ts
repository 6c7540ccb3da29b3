import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, primaryKey, text } from 'drizzle-orm/pg-core';
import { day, instant } from '../columns.js';
import { vault } from './tables.js';

const rowNo = () => bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity();

/**
 * ログの分析の基準値 (handbook 11 §5): each row says all thresholds as they are from a day on, under its number as their
 * version; of those that hold on a day the last one counts. Insert-only.
 */
export const analysisThresholds = vault.table('analysis_threshold', {
  id: rowNo(),
  validFrom: day('valid_from').notNull(),
  thresholds: jsonb('thresholds').notNull(),
  /** 変更の理由. */
  reason: text('reason').notNull(),
  /** The officer of the vault's register who answers for the entry. */
  enteredBy: text('entered_by').notNull(),
  enteredAt: instant('entered_at').notNull(),
});

export const WATCH_CATEGORIES = ['household', 'colleague', 'publicFigure'] as const;

/** 注視対象: whose use is looked at. The last row of a number counts; one ends by a row with its last day. Insert-only. */
export const watchEntries = vault.table(
  'watch_entry',
  {
    id: rowNo(),
    /** `WL-…` */
    watchId: text('watch_id').notNull(),
    vaultRef: text('vault_ref').notNull(),
    category: text('category', { enum: WATCH_CATEGORIES }).notNull(),
    /** 職員 whose household it is; the colleague himself. None of a public figure. */
    personId: text('person_id'),
    validFrom: day('valid_from').notNull(),
    /** Inclusive. */
    validTo: day('valid_to'),
    enteredBy: text('entered_by').notNull(),
    enteredAt: instant('entered_at').notNull(),
  },
  (t) => [
    index('watch_entry_of').on(t.watchId, t.id),
    check('watch_id_form', sql`watch_id ~ '^WL-[0-9a-f-]{36}$'`),
    check('watch_category_known', sql`category in ('household', 'colleague', 'publicFigure')`),
    check('watch_person', sql`(category = 'publicFigure') = (person_id is null)`),
    check('watch_period', sql`valid_to is null or valid_to >= valid_from`),
  ],
);

export const ANALYSIS_KINDS = ['monthly', 'quarterly', 'occasional'] as const;

/** ログの分析: one run over a period, with the versions of its rules and what it came to. Insert-only. */
export const analysisRuns = vault.table(
  'analysis_run',
  {
    id: rowNo(),
    /** `LA-…` */
    runId: text('run_id').notNull().unique(),
    kind: text('kind', { enum: ANALYSIS_KINDS }).notNull(),
    /** The unit that is looked at; the whole vault without one. */
    unit: text('unit'),
    periodFrom: day('period_from').notNull(),
    /** Inclusive. */
    periodTo: day('period_to').notNull(),
    /** Number of the row of thresholds; 0 for those of the program. */
    thresholdVersion: bigint('threshold_version', { mode: 'bigint' }).notNull(),
    /** Of each rule its version, its thresholds, how many hits it had, and how many are kept. */
    rules: jsonb('rules').notNull(),
    /** 職員 who are named in any hit, kept or not: none of them reviews. */
    people: text('people').array().notNull(),
    /** SHA-256 of the canonical text of the run with its hits, `sha256:…`. */
    digest: text('digest').notNull(),
    /** Newest entry (通番) of the log when it was read. */
    logUntil: bigint('log_until', { mode: 'bigint' }).notNull(),
    madeBy: text('made_by').notNull(),
    madeAt: instant('made_at').notNull(),
    /** Day by which somebody reviews it. */
    reviewBy: day('review_by').notNull(),
  },
  (t) => [
    index('analysis_run_made').on(t.madeAt),
    index('analysis_run_period').on(t.kind, t.periodFrom),
    check('analysis_run_id_form', sql`run_id ~ '^LA-[0-9a-f-]{36}$'`),
    check('analysis_run_kind_known', sql`kind in ('monthly', 'quarterly', 'occasional')`),
    check(
      'analysis_run_unit',
      sql`case kind when 'monthly' then unit is not null when 'quarterly' then unit is null else true end`,
    ),
    check('analysis_run_span', sql`period_to >= period_from`),
  ],
);

/** 該当: one hit of a run. It names people, references, approvals and entries of the log; never a number. Insert-only. */
export const analysisHits = vault.table(
  'analysis_hit',
  {
    runNo: bigint('run_no', { mode: 'bigint' })
      .notNull()
      .references(() => analysisRuns.id),
    /** Its place in the run, from 1. */
    place: integer('place').notNull(),
    rule: text('rule').notNull(),
    /** In Japan. */
    day: day('day').notNull(),
    people: text('people').array().notNull(),
    units: text('units').array().notNull(),
    /** References, approvals or grants, the first of them. */
    about: text('about').array().notNull(),
    /** 通番 of the first entries of the log. */
    sequences: bigint('sequences', { mode: 'bigint' }).array().notNull(),
    /** What was counted, and the count from which on it is a hit. */
    count: integer('count').notNull(),
    threshold: integer('threshold').notNull(),
  },
  (t) => [primaryKey({ columns: [t.runNo, t.place] })],
);

export const REVIEW_OUTCOMES = ['sound', 'followUp', 'incident'] as const;

/** 確認: what an officer concluded of a run, as a terminal signed it; once for a run. Insert-only. */
export const analysisReviews = vault.table(
  'analysis_review',
  {
    runNo: bigint('run_no', { mode: 'bigint' })
      .primaryKey()
      .references(() => analysisRuns.id),
    outcome: text('outcome', { enum: REVIEW_OUTCOMES }).notNull(),
    conclusion: text('conclusion').notNull(),
    reviewedBy: text('reviewed_by').notNull(),
    reviewedAt: instant('reviewed_at').notNull(),
    /** The assertion itself: with the key of the register anybody can verify who signed this conclusion. */
    assertion: text('assertion').notNull(),
  },
  () => [check('analysis_review_outcome_known', sql`outcome in ('sound', 'followUp', 'incident')`)],
);

/** 人事情報の受領: each arrival of the personnel feed, also of one that changes nothing. Insert-only. */
export const personnelFeeds = vault.table('personnel_feed', {
  id: rowNo(),
  /** 基準日: the day whose state it tells. */
  asOf: day('as_of').notNull(),
  /** People it named. */
  people: integer('people').notNull(),
  receivedBy: text('received_by').notNull(),
  receivedAt: instant('received_at').notNull(),
});

/** 警報: what was raised on which day, so that it is raised once a day, whatever is started anew. Insert-only. */
export const dailyAlarms = vault.table(
  'daily_alarm',
  {
    what: text('what').notNull(),
    subject: text('subject').notNull(),
    day: day('day').notNull(),
  },
  (t) => [primaryKey({ columns: [t.what, t.subject, t.day] })],
);
