import { sql } from 'drizzle-orm';
import { check, index, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { addressees } from './addressee.js';
import { changes } from './change.js';
import { day, instant, records, rowId, rowRef, yenBounds, yenColumn } from './columns.js';
import { levyLines } from './levy.js';

/** 滞納事案: the file of a delinquent person. Insert-only; it is closed by a closing entry. */
export const delinquencyCases = records.table(
  'delinquency_case',
  {
    id: rowId(),
    caseNo: text('case_no').notNull().unique(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    officerId: text('officer_id').notNull(),
    district: text('district').notNull(),
    openedOn: day('opened_on').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('delinquency_case_addressee').on(t.addresseeNo),
    index('delinquency_case_officer').on(t.officerId, t.id),
  ],
);

/** 事案終結. Insert-only. */
export const caseClosings = records.table('case_closing', {
  caseId: rowRef('case_id')
    .primaryKey()
    .references(() => delinquencyCases.id),
  closedOn: day('closed_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});

/**
 * 折衝経過(交渉記録): dated, with author, never edited. `resultId`: the result package in which the collection
 * organization reported one of its own.
 */
export const contactRecords = records.table(
  'contact_record',
  {
    id: rowId(),
    caseId: rowRef('case_id')
      .notNull()
      .references(() => delinquencyCases.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    contactedAt: instant('contacted_at').notNull(),
    method: text('method', { enum: ['phone', 'visit', 'counter', 'letter', 'email', 'other'] }).notNull(),
    counterpart: text('counterpart').notNull(),
    summary: text('summary').notNull(),
    nextActionOn: day('next_action_on'),
    recordedBy: text('recorded_by').notNull(),
    resultId: rowRef('result_id'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('contact_record_case').on(t.caseId, t.contactedAt, t.id)],
);

export const DISPOSITION_KINDS = ['seizure', 'participatingSeizure', 'claimForDistribution'] as const;
export const ASSET_CLASSES = [
  'deposit',
  'salary',
  'lifeInsurance',
  'claim',
  'realEstate',
  'vehicle',
  'movable',
] as const;

/**
 * 滞納処分: seizure, participating seizure, claim for distribution (handbook 03 §4). One of the collection organization
 * (handbook 13 §7) has its number there and names the result package that reported it. Insert-only.
 */
export const dispositions = records.table(
  'disposition',
  {
    id: rowId(),
    caseId: rowRef('case_id')
      .notNull()
      .references(() => delinquencyCases.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    kind: text('kind', { enum: DISPOSITION_KINDS }).notNull(),
    assetClass: text('asset_class', { enum: ASSET_CLASSES }).notNull(),
    object: text('object').notNull(),
    thirdParty: text('third_party'),
    executedOn: day('executed_on').notNull(),
    servedOnThirdParty: day('served_on_third_party'),
    servedOnDebtor: day('served_on_debtor'),
    resultId: rowRef('result_id'),
    organizationNo: text('organization_no'),
    receiptNo: text('receipt_no'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('disposition_case').on(t.caseId),
    index('disposition_addressee').on(t.addresseeNo),
    unique('disposition_organization_no').on(t.caseId, t.organizationNo),
    check('disposition_of_organization', sql`(${t.resultId} is null) = (${t.organizationNo} is null)`),
  ],
);

/** 差押に係る期別: the claims a disposition covers, with the amount at that time. Insert-only. */
export const dispositionClaims = records.table(
  'disposition_claim',
  {
    dispositionId: rowRef('disposition_id')
      .notNull()
      .references(() => dispositions.id),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    amount: yenColumn('amount').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.dispositionId, t.levyId] }),
    index('disposition_claim_levy').on(t.levyId),
    yenBounds('disposition_claim', t.amount),
  ],
);

/** 差押解除・取消・完結; of the collection organization's, with the result package that reported it. Insert-only. */
export const dispositionEnds = records.table('disposition_end', {
  dispositionId: rowRef('disposition_id')
    .primaryKey()
    .references(() => dispositions.id),
  kind: text('kind', { enum: ['released', 'cancelled', 'completed'] }).notNull(),
  endedOn: day('ended_on').notNull(),
  resultId: rowRef('result_id'),
  /** 証拠: the notice by which a clerk entered it, of the organization's alone, once it has the case no more. */
  evidence: text('evidence'),
  enteredBy: text('entered_by'),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});

/** 財産情報: what an asset inquiry found. Insert-only. */
export const assets = records.table(
  'asset',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    assetClass: text('asset_class', { enum: ASSET_CLASSES }).notNull(),
    description: text('description').notNull(),
    institution: text('institution'),
    estimatedValue: yenColumn('estimated_value'),
    foundOn: day('found_on').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('asset_addressee').on(t.addresseeNo)],
);

/** 執行停止の事由: 15条の7①1号, 2号, 3号. */
export const STAY_GROUNDS = ['noProperty', 'livingInDistress', 'whereaboutsUnknown'] as const;

/** 滞納処分の執行停止 (15条の7), per levy line. Insert-only. */
export const executionStays = records.table(
  'execution_stay',
  {
    id: rowId(),
    levyId: rowRef('levy_id')
      .notNull()
      .references(() => levyLines.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    ground: text('ground', { enum: STAY_GROUNDS }).notNull(),
    decidedOn: day('decided_on').notNull(),
    /** The proposal by which it was decided; none for what was entered before there were proposals, or by a load. */
    proposalId: rowRef('proposal_id'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [
    index('execution_stay_addressee').on(t.addresseeNo),
    index('execution_stay_levy').on(t.levyId),
    index('execution_stay_of').on(t.proposalId),
  ],
);

/** 執行停止の取消 (15条の8). Insert-only. */
export const stayCancellations = records.table('stay_cancellation', {
  stayId: rowRef('stay_id')
    .primaryKey()
    .references(() => executionStays.id),
  cancelledOn: day('cancelled_on').notNull(),
  reason: text('reason').notNull(),
  changeId: rowRef('change_id')
    .notNull()
    .references(() => changes.id),
});
