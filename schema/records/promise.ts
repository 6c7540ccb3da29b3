import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { delinquencyCases } from './delinquency.js';
import { COMPONENTS, levyLines } from './levy.js';

export const PROMISE_FORMS = ['written', 'oral'] as const;
export const PROMISE_END_KINDS = ['cancelled', 'replaced'] as const;

/**
 * 分納誓約の不履行基準: how many instalments may be due and unpaid at once before a promise is broken, and for how many
 * days after a due date news of a payment is waited for. Holds for promises made from the day on.
 */
export const promiseRules = records.table(
  'promise_rule',
  {
    validFrom: day('valid_from').primaryKey(),
    brokenAfterMissed: smallint('broken_after_missed').notNull(),
    pendingDays: smallint('pending_days').notNull(),
  },
  (t) => [
    check('promise_rule_broken_after_missed_positive', sql`${t.brokenAfterMissed} > 0`),
    check('promise_rule_pending_days_positive', sql`${t.pendingDays} >= 0`),
  ],
);

/** 分納誓約: a promise to pay levy lines by instalments (handbook 03 §5). Numbered within its person. Insert-only. */
export const instalmentPromises = records.table(
  'instalment_promise',
  {
    id: rowId(),
    caseId: rowRef('case_id')
      .notNull()
      .references(() => delinquencyCases.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    promiseNo: integer('promise_no').notNull(),
    promisedOn: day('promised_on').notNull(),
    promisedBy: text('promised_by').notNull(),
    form: text('form', { enum: PROMISE_FORMS }).notNull(),
    paymentsAcknowledgeAll: boolean('payments_acknowledge_all').notNull(),
    amount: yenColumn('amount').notNull(),
    replacesId: rowRef('replaces_id').unique(),
    recordedBy: text('recorded_by').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    unique('instalment_promise_no').on(t.addresseeNo, t.promiseNo),
    index('instalment_promise_case').on(t.caseId),
    yenBounds('instalment_promise', t.amount),
    check('instalment_promise_amount_positive', sql`${t.amount} > 0`),
    check('instalment_promise_no_positive', sql`${t.promiseNo} > 0`),
  ],
);

/**
 * 誓約に係る期別: what a line owed of a component when it was promised. `paidBefore` and `leviedBefore` are what had been
 * paid and levied of it until then, so that later payments and reductions are told apart to the yen. Insert-only.
 */
export const promiseClaims = records.table(
  'promise_claim',
  {
    promiseId: rowRef('promise_id')
      .notNull()
      .references(() => instalmentPromises.id),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    component: text('component', { enum: COMPONENTS }).notNull(),
    amount: yenColumn('amount').notNull(),
    paidBefore: yenColumn('paid_before').notNull(),
    leviedBefore: yenColumn('levied_before').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.promiseId, t.levyId, t.component] }),
    index('promise_claim_levy').on(t.levyId),
    yenBounds('promise_claim', t.amount),
    yenBounds('promise_claim', t.paidBefore),
    yenBounds('promise_claim', t.leviedBefore),
    check('promise_claim_amount_positive', sql`${t.amount} > 0`),
  ],
);

/** 分納計画: an instalment of a promise. `dueOn` is the agreed day, moved to the next open one. Insert-only. */
export const promiseInstalments = records.table(
  'promise_instalment',
  {
    promiseId: rowRef('promise_id')
      .notNull()
      .references(() => instalmentPromises.id),
    instalmentNo: smallint('instalment_no').notNull(),
    nominalDueOn: day('nominal_due_on').notNull(),
    dueOn: day('due_on').notNull(),
    amount: yenColumn('amount').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.promiseId, t.instalmentNo] }),
    yenBounds('promise_instalment', t.amount),
    check('promise_instalment_amount_positive', sql`${t.amount} > 0`),
    check('promise_instalment_due_order', sql`${t.dueOn} >= ${t.nominalDueOn}`),
  ],
);

/** 分納誓約の取消・変更: the end of a promise by decision, at most one. Insert-only. */
export const promiseEnds = records.table('promise_end', {
  promiseId: rowRef('promise_id')
    .primaryKey()
    .references(() => instalmentPromises.id),
  kind: text('kind', { enum: PROMISE_END_KINDS }).notNull(),
  endedOn: day('ended_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});
